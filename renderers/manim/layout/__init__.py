"""Where things go: labels, axes, graphs, figures and lists, placed so that nothing meets another."""
