"""Python codebases as facts: read as text, never imported and never run."""
