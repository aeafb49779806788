"""Starts, shares and stops the servers that the product embeds. Knows no workflow and no table."""
