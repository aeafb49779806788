"""The agent loop: pure, with every verb injected. No network, no disk, no clock, no Temporal."""
