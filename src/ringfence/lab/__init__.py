"""The laboratory: populations of accounts, thrown at the very engine that a venue runs."""
