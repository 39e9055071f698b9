"""What must hold between the terms of chains and staking products. Chapters STAK and LST."""

from collections.abc import Iterator

from ringfence.rulebook.derived import E8, find_asset, find_chain
from ringfence.rulebook.error import TermError
from ringfence.rulebook.postings import ALLOWED, PLEDGE
from ringfence.rulebook.terms import ChainTerms, Rulebook, StakingTerms


def check_chains(rulebook: Rulebook) -> Iterator[TermError]:
    """List what does not fit in the chains. Rules STAK-001, STAK-005, STAK-010.

    Churn is never 0 and the network never less than one increment, so that nothing is divided by
    0; a share of the stake is at most the stake.

    Parameters
    ----------
    rulebook : Rulebook
        Each term of it within its own bounds.

    Yields
    ------
    error : TermError
    """
    for chain in rulebook.chain:
        path = f"chain[{chain.name}]"
        if find_asset(rulebook, chain.asset) is None:
            yield TermError(f"{path}.asset", chain.asset, describe_known_assets(rulebook))
        if chain.network_stake_minor < chain.increment_minor:
            allowed = f"at least increment_minor, {chain.increment_minor} minor"
            yield TermError(f"{path}.network_stake_minor", chain.network_stake_minor, allowed)
        if chain.churn_numerator > chain.churn_denominator:
            allowed = f"at most churn_denominator, {chain.churn_denominator}"
            yield TermError(f"{path}.churn_numerator", chain.churn_numerator, allowed)
        if chain.churn_minimum_minor < chain.increment_minor:
            allowed = f"at least increment_minor, {chain.increment_minor} minor"
            yield TermError(f"{path}.churn_minimum_minor", chain.churn_minimum_minor, allowed)
        if chain.churn_maximum_minor < chain.churn_minimum_minor:
            allowed = f"at least churn_minimum_minor, {chain.churn_minimum_minor} minor"
            yield TermError(f"{path}.churn_maximum_minor", chain.churn_maximum_minor, allowed)


def check_products(rulebook: Rulebook) -> Iterator[TermError]:
    """List what does not fit in the staking products. Rules STAK-003 to STAK-014, LST-001.

    Parameters
    ----------
    rulebook : Rulebook
        Each term of it within its own bounds.

    Yields
    ------
    error : TermError
    """
    for product in rulebook.staking:
        chain = find_chain(rulebook, product.chain)
        path = f"staking[{product.name}]"
        if chain is None:
            known = ", ".join(chain.name for chain in rulebook.chain)
            yield TermError(f"{path}.chain", product.chain, f"a known chain: {known}")
        else:
            yield from _check_token(rulebook, product, chain)
            if product.stale_ns < chain.epoch_ns:
                allowed = f"at least epoch_ns of the chain, {chain.epoch_ns} ns"
                yield TermError(f"{path}.stale_ns", product.stale_ns, allowed)
        yield from _check_loss_mode(product)
        yield from _check_fees(product)
        yield from _check_pledge(rulebook, product)


def describe_known_assets(rulebook: Rulebook) -> str:
    """Say which assets there are."""
    return f"a known asset: {', '.join(asset.name for asset in rulebook.asset)}"


def list_missing_postings(
    rulebook: Rulebook, needed: frozenset[tuple[str, str, str]], why: str
) -> list[TermError]:
    """List the rows that a term needs in the matrix and that are not there. LEDG-003."""
    missing = sorted(needed - ALLOWED - {*rulebook.extra_posting})
    return [TermError("extra_posting", None, f"{' '.join(row)}, for {why}") for row in missing]


def _check_token(
    rulebook: Rulebook, product: StakingTerms, chain: ChainTerms
) -> Iterator[TermError]:
    """A token is an asset of its own: its supply is what was minted. LST-001."""
    if not product.token:
        return
    path = f"staking[{product.name}].token"
    token, staked = find_asset(rulebook, product.token), find_asset(rulebook, chain.asset)
    if token is None:
        yield TermError(path, product.token, describe_known_assets(rulebook))
        return
    if staked is not None and token.decimals != staked.decimals:
        allowed = f"an asset with {staked.decimals} decimals, like {staked.name}"
        yield TermError(path, product.token, allowed)
    names = [other.name for other in rulebook.staking if other.token == product.token]
    if names[0] != product.name:
        yield TermError(path, product.token, f"another token than that of {names[0]}")
    uses = [f"staked on {row.name}" for row in rulebook.chain if row.asset == product.token]
    uses += [f"lent by {row.name}" for row in rulebook.lending if row.asset == product.token]
    uses += [f"settling {row.name}" for row in rulebook.market if row.settle == product.token]
    uses += ["the unit"] * (rulebook.venue.unit == product.token)
    for use in uses:
        yield TermError(path, product.token, f"an asset that is not {use}")


def _check_loss_mode(product: StakingTerms) -> Iterator[TermError]:
    """Loss mode lasts no longer than it may. STAK-012."""
    if product.loss_mode_epochs > product.loss_mode_epochs_max:
        allowed = f"at most loss_mode_epochs_max, {product.loss_mode_epochs_max} epochs"
        path = f"staking[{product.name}].loss_mode_epochs"
        yield TermError(path, product.loss_mode_epochs, allowed)


def _check_fees(product: StakingTerms) -> Iterator[TermError]:
    """Commission and fee are taken of the same income, and no more than all of it. STAK-007."""
    for validator in product.validator:
        if validator.commission_e8 + product.fee_e8 > E8:
            path = f"staking[{product.name}].validator[{validator.name}].commission_e8"
            allowed = f"at most what fee_e8 leaves, {E8 - product.fee_e8} e8"
            yield TermError(path, validator.commission_e8, allowed)


def _check_pledge(rulebook: Rulebook, product: StakingTerms) -> Iterator[TermError]:
    """What may be pledged is lots, has collateral terms, and has its rows. STAK-014."""
    path = f"staking[{product.name}]"
    if product.pledge == "never":
        if product.collateral is not None:
            allowed = "no such table where pledge is never"
            yield TermError(f"{path}.collateral", "a table", allowed)
        return
    if product.token:
        allowed = "never, in a product with a token: its holders own no lots"
        yield TermError(f"{path}.pledge", product.pledge, allowed)
    if product.collateral is None:
        yield TermError(f"{path}.collateral", None, "a table, where stake may be pledged")
    yield from list_missing_postings(rulebook, PLEDGE, f"{path}.pledge")
