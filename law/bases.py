"""On which ground personal data may be processed."""

from typing import Literal, get_args

LawfulBasis = Literal[
    "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"
]
LAWFUL_BASES: tuple[LawfulBasis, ...] = get_args(LawfulBasis)
"""GDPR Art 6(1)(a) to (f)."""
