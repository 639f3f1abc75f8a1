"""Adaptive Cards as plain dicts: one `*_card` function per screen."""
