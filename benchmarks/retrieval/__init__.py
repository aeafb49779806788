"""Notes of five imaginary projects, questions to them with graded answers, and how well these are found."""
