"""The dossier of a case: what is written down of it, in forms that people and programs can check."""
