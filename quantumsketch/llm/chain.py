"""Which models are asked, in which order: those that a person names, the free tier, and last none at all.

People write the public spelling, provider/model. The names come from QS_MODELS, else from a chain file, else
they are the usual three. Keys stay here: what is handed out are entries, which hold none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import SecretStr

from quantumsketch.errors import BadInput
from quantumsketch.llm import chain_file
from quantumsketch.llm.free_tier import FreeTier, is_free
from quantumsketch.llm.openrouter import Known
from quantumsketch.llm.prices import NOTHING, price
from quantumsketch.llm.routes import OVER_OPENROUTER, NamedModel, route
from quantumsketch.llm.types import ModelEntry
from quantumsketch.providers import OPENROUTER
from quantumsketch.settings import Settings, secrets

_NOWHERE_ELSE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Chain:
    """What this installation asks; `check` it before anything is started."""

    named: tuple[NamedModel, ...]
    origin: str
    """Where the names come from, in words."""
    keys: Mapping[str, SecretStr]
    bases: Mapping[str, str]
    openrouter: FreeTier | None
    """None: there is no key for it."""
    free_tier_on: bool
    offline: bool
    """Whether a storyboard is written without a model when none answers."""

    @property
    def free_tier(self) -> FreeTier | None:
        """The models that cost nothing; None if it is switched off, or there is no key for it."""
        return self.openrouter if self.free_tier_on else None

    def named_entries(self) -> list[ModelEntry]:
        """The named models in order, as far as they are known without a network."""
        return models(self.named, self.keys, self.bases)

    async def entries(self, cooling: Collection[str] = ()) -> list[ModelEntry]:
        """The named models in order, then the free tier; ids that are `cooling` down come last within it.

        OpenRouter's list, where it is at hand, tells prices, and which free models are withdrawn.
        """
        named = self.named_entries()
        if self.openrouter is None or not (self.free_tier_on or any(map(_is_over_openrouter, named))):
            return named
        known = await self.openrouter.known()
        entries = [_as_listed(entry, known) for entry in named]
        if self.free_tier_on:
            there = {entry.litellm_id for entry in entries}
            free = await self.openrouter.entries(cooling)
            entries += [entry for entry in free if entry.litellm_id not in there]
        return entries

    def check(self) -> None:
        """Raise BadInput if nothing could ever answer."""
        if self.offline or self.free_tier:
            return
        entries = [route(named, self.keys, self.bases) for named in self.named]
        if not any(entry.reachable for entry in entries):
            missing = "; ".join(f"{entry.id}: {entry.why}" for entry in entries)
            raise BadInput(
                f"no model can be asked, and offline is switched off: {missing or 'no model is named'}",
                mend="Set a key that is missing, or switch offline on",
            )


def chain_of(settings: Settings) -> Chain:
    """The chain that the environment and the chain file describe. Fetches nothing.

    Raises BadInput naming the entry, or the file and the entry, and what is wrong with it.
    """
    path = settings.models_file or settings.home / chain_file.NAME
    file = chain_file.read(path, required=settings.models_file is not None)
    by_name = settings.model_fields_set
    if "models" in by_name or file.models is None:
        named = tuple(NamedModel(id=each) for each in dict.fromkeys(settings.models))
        origin = "QS_MODELS" if "models" in by_name else "the usual one"
    else:
        named, origin = tuple(entry.named() for entry in file.models), str(path)
    keys = {**settings.provider_keys, **secrets(each.key for each in named if each.key)}
    _check_ids(named, origin)
    key, base = keys.get(OPENROUTER.key), settings.provider_bases.get(OPENROUTER.base or "")
    return Chain(
        named=named,
        origin=origin,
        keys=keys,
        bases=settings.provider_bases,
        openrouter=FreeTier(settings.home, key, base) if key else None,
        free_tier_on=_switch("free_tier", settings, file.free_tier),
        offline=_switch("offline", settings, file.offline),
    )


def _check_ids(named: Iterable[NamedModel], origin: str) -> None:
    for each in named:
        try:
            route(each, (), _NOWHERE_ELSE)
        except BadInput as error:
            raise BadInput(f"{error.what}; the chain is {origin}", mend=error.mend) from None


def models(
    chain: Iterable[str | NamedModel], keys: Collection[str], bases: Mapping[str, str] = _NOWHERE_ELSE
) -> list[ModelEntry]:
    """The chain's entries in order, each once, with the names of the keys at hand deciding how it is reached.

    Raises BadInput for an entry that is not spelled PROVIDER/MODEL, or of a provider that nobody knows.
    """
    named = [NamedModel(id=each) if isinstance(each, str) else each for each in chain]
    return [_priced(route(each, keys, bases)) for each in {each.id: each for each in named}.values()]


def _switch(name: str, settings: Settings, in_file: bool | None) -> bool:
    """What the environment says, else the file, else what is usual."""
    said = getattr(settings, name)
    return bool(said if name in settings.model_fields_set or in_file is None else in_file)


def _priced(entry: ModelEntry) -> ModelEntry:
    if entry.price or not entry.reachable:
        return entry
    own_server = entry.base_url and entry.key_name is None  # nobody bills whom nobody knows
    known = NOTHING if entry.free or own_server else price(entry.litellm_id)
    return entry.model_copy(update={"price": known})


def _is_over_openrouter(entry: ModelEntry) -> bool:
    return entry.litellm_id.startswith(OVER_OPENROUTER)


def _as_listed(entry: ModelEntry, known: Known) -> ModelEntry:
    """What OpenRouter's list adds to an entry: its price, or that it is not free, or not any more."""
    if known.listing is None or not _is_over_openrouter(entry):
        return entry
    listed = known.listing.find(entry.litellm_id.removeprefix(OVER_OPENROUTER))
    if not entry.free:
        return entry.model_copy(update={"price": entry.price or (listed and listed.price)})
    if (listed and is_free(listed)) or (listed is None and known.trouble):  # it may be newer than the list
        return entry
    gone = "lists it, but not as free" if listed else "does not list it (any more)"
    return entry.model_copy(update={"reachable": False, "why": f"OpenRouter {gone}"})
