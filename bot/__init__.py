"""The shell: listens, stores and speaks; decides nothing about a case."""
