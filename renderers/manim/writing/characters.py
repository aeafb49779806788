"""What TeX is told about characters beyond its own: people write π, not \\pi. Knows only the table."""

from __future__ import annotations

COMMANDS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi",
    "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "ϕ": "phi", "ϵ": "epsilon", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "×": "times", "÷": "div",
    "·": "cdot", "⋅": "cdot", "±": "pm", "∓": "mp", "−": "-", "≤": "leq", "≥": "geq", "≠": "neq",
    "≈": "approx", "≡": "equiv", "∼": "sim", "∝": "propto", "∞": "infty", "∂": "partial", "∇": "nabla",
    "∫": "int", "∑": "sum", "∏": "prod", "√": "surd", "→": "to", "←": "leftarrow", "↔": "leftrightarrow",
    "⇒": "Rightarrow", "⇔": "Leftrightarrow", "↦": "mapsto", "∈": "in", "∉": "notin", "⊂": "subset",
    "⊆": "subseteq", "∪": "cup", "∩": "cap", "∅": "emptyset", "∀": "forall", "∃": "exists", "¬": "neg",
    "∧": "land", "∨": "lor", "⊕": "oplus", "⊗": "otimes", "⊥": "perp", "∥": "parallel", "∠": "angle",
    "°": "^{\\circ}", "…": "ldots", "⋯": "cdots", "ℝ": "mathbb{R}", "ℕ": "mathbb{N}", "ℤ": "mathbb{Z}",
    "ℚ": "mathbb{Q}", "ℂ": "mathbb{C}", "ℏ": "hbar", "ℓ": "ell", "′": "^{\\prime}", "²": "^{2}", "³": "^{3}",
    "¹": "^{1}", "½": "frac12", "⟨": "langle", "⟩": "rangle",
}  # fmt: skip


def declarations() -> str:
    """The lines of a LaTeX preamble that give each character its command."""
    return "\n".join(
        rf"\DeclareUnicodeCharacter{{{ord(char):04X}}}{{\ensuremath{{{_written(command)}}}}}"
        for char, command in COMMANDS.items()
    )


def _written(command: str) -> str:
    return command if command[0] in "^-" else "\\" + command
