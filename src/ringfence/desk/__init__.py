"""The trader's side: recomputes what a venue did from its receipts and its public rulebook."""
