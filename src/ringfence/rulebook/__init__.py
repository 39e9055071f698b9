"""The rules: numbered chapters beside frozen, typed terms. No state, no Numba."""
