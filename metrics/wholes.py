"""Words that stand for a whole or a rest where other rows name a part; nothing else may be called so."""

ALL, OTHER, JOINT, PROGRAMME, ANY = "*all*", "*other*", "*joint*", "*programme*", "*"
RESERVED = frozenset({ALL, OTHER, JOINT, PROGRAMME, ANY})
