"""Text and formulas that always fit: Pango sets the words, TeX the formulas, on one baseline."""
