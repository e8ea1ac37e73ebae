"""Reads the fields of a request that a browser sent: nothing in it is trusted, and what is wrong becomes a sentence.

Every sentence names the field, the value and the limit, and so the way out.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Collection, Mapping
from typing import Any

from app.wire.interventions import MAX_BIAS, MAX_FACTOR, MAX_NEURONS, UNTOUCHED, Interventions, Neuron
from app.wire.mask_specification import Mask
from model.config import Config, Place
from model.study.sampling import MAX_SEED, Settings

OFF_BY = ("zero", "mean")
"""What may stand in for a part that is switched off."""
SAFE_INTEGER = 2**53 - 1
"""The largest integer that JavaScript's numbers hold without a gap (Number.MAX_SAFE_INTEGER)."""


class RequestError(ValueError):
    """A request that cannot be answered; the message is for the person who looks at the page."""


class Fields:
    """The fields of one JSON object.

    Args:
        value: what was sent, of any type.
        name: what to call it in a sentence.

    Raises:
        RequestError: from the constructor, if it is no object, and from every method, if its field is not as described.
    """

    def __init__(self, value: object, name: str = "the request") -> None:
        if not isinstance(value, Mapping):
            raise RequestError(f"{name} is {reprlib.repr(value)}; send an object with named fields.")
        self._fields: Mapping[str, Any] = value

    def _get(self, name: str, expected: str) -> Any:
        if name not in self._fields:
            raise RequestError(f"{name} is missing; send {expected}.")
        return self._fields[name]

    def text(self, name: str) -> str:
        """A string, unchanged."""
        value = self._get(name, "a text")
        if not isinstance(value, str):
            raise RequestError(f"{name} is {reprlib.repr(value)}; send a text.")
        return value

    def optional_text(self, name: str) -> str:
        """A string, unchanged; empty where the field is null or missing."""
        return "" if self._fields.get(name) is None else self.text(name)

    def choice(self, name: str, choices: Collection[str]) -> str:
        """One of several strings."""
        expected = f"one of {', '.join(choices)}"
        value = self._get(name, expected)
        if not isinstance(value, str) or value not in choices:
            raise RequestError(f"{name} is {reprlib.repr(value)}; send {expected}.")
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        expected = f"a whole number from {low} to {high}"
        value = self._get(name, expected)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise RequestError(f"{name} is {reprlib.repr(value)}; send {expected}.")
        return value

    def optional_integer(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`; None where the field is null or missing."""
        return None if self._fields.get(name) is None else self.integer(name, low, high)

    def optional_object(self, name: str) -> Mapping[str, Any] | None:
        """An object with fields of its own; None where the field is null or missing."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise RequestError(f"{name} is {reprlib.repr(value)}; send an object or null.")
        return value

    def objects(self, name: str, most: int) -> list[Fields]:
        """A list of objects with fields of their own, `most` at most."""
        expected = f"a list of at most {most} objects"
        value = self._get(name, expected)
        if not isinstance(value, list) or len(value) > most:
            raise RequestError(f"{name} is {reprlib.repr(value)}; send {expected}.")
        return [Fields(each, f"one of {name}") for each in value]

    def value(self, name: str) -> Any:
        """A field as it was sent, to be read elsewhere; None where it is missing."""
        return self._fields.get(name)

    def extended(self, fields: Mapping[str, Any]) -> Fields:
        """The same with more fields, or with others in their place."""
        return Fields({**self._fields, **fields})

    def number(self, name: str) -> float:
        """A finite number of a size that a float can hold."""
        value = self._get(name, "a number")
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= SAFE_INTEGER:
            raise RequestError(f"{name} is {reprlib.repr(value)}; send a number.")
        return float(value)

    def settings(self, name: str) -> tuple[Settings, int]:
        """The sampling settings and the seed."""
        fields = Fields(self._get(name, "an object with temperature, top_k, top_p, min_p and seed"), name)
        seed = fields.integer("seed", 0, MAX_SEED)
        try:
            settings = Settings(
                temperature=fields.number("temperature"),
                top_k=fields.integer("top_k", 0, SAFE_INTEGER),
                top_p=fields.number("top_p"),
                min_p=fields.number("min_p"),
            )
        except RequestError:
            raise
        except ValueError as error:
            raise RequestError(f"{error}.") from None
        return settings, seed

    def interventions(self, name: str, config: Config) -> Interventions:
        """What is changed in a model; nothing if the field is left out.

        `expert_bias` maps "layer.expert", both counted from 0, to a number from -4 to 4 or to "off". `heads_off` lists
        "kind.layer.head"; the kind of attention is "text", or a T5's "encoder", "decoder" or "cross". `mlps_off` lists
        "kind.layer"; what stands in for both says `off_by`, "zero" unless given or "mean". `neurons` maps
        "kind.layer.neuron", in a block with experts "kind.layer.expert.neuron", to a number from 0, which is off, to 4.
        `mask` is a text as `app.wire.mask_specification` reads it.
        """
        if name not in self._fields:
            return UNTOUCHED
        fields = Fields(self._fields[name], name)
        biases = fields._fields.get("expert_bias", {})
        if not isinstance(biases, Mapping):
            raise RequestError(f"expert_bias is {reprlib.repr(biases)}; send an object of biases by layer.expert.")
        read = sorted((*_expert(place, config), _bias(place, value)) for place, value in biases.items())
        heads = {_head(place, config) for place in fields._places("heads_off", "kind.layer.head")}
        mlps = {_mlp(place, config) for place in fields._places("mlps_off", "kind.layer")}
        by_mean = "off_by" in fields._fields and fields.choice("off_by", OFF_BY) == "mean"
        changed = Interventions(
            expert_bias=tuple(entry for entry in read if entry[-1] != 0),
            heads_off=tuple(sorted(heads)),
            mlps_off=tuple(sorted(mlps)),
            by_mean=by_mean and bool(heads or mlps),
            mask=fields._mask(config),
            neurons=fields._neurons(config),
        )
        for layer in config.expert_layers:
            if config.experts and changed.off(layer) == config.experts.n_experts:
                raise RequestError(
                    f"All {config.experts.n_experts} experts of layer {layer + 1} are off; leave at least one on."
                )
        return changed

    def _places(self, name: str, form: str) -> list[object]:
        """A list of places in the model, nothing if it is left out."""
        places = self._fields.get(name, [])
        if not isinstance(places, list):
            raise RequestError(f"{name} is {reprlib.repr(places)}; send a list of {form}.")
        return places

    def _neurons(self, config: Config) -> tuple[Neuron, ...]:
        """The field `neurons`; none if it is left out."""
        factors = self._fields.get("neurons", {})
        if not isinstance(factors, Mapping) or len(factors) > MAX_NEURONS:
            raise RequestError(
                f"neurons is {reprlib.repr(factors)}; send an object of factors by kind.layer.neuron, {MAX_NEURONS} at"
                " most."
            )
        turned = [Neuron(*_neuron(place, config), _factor(place, factor)) for place, factor in factors.items()]
        in_order = sorted(turned, key=lambda one: (one.place, one.layer, one.expert or 0, one.neuron))
        return tuple(one for one in in_order if one.factor != 1)

    def _mask(self, config: Config) -> Mask | None:
        """The field `mask`; None if it is left out."""
        if "mask" not in self._fields:
            return None
        try:
            return Mask.read(self.text("mask"), config)
        except RequestError:
            raise
        except ValueError as error:
            raise RequestError(str(error)) from None


def _head(place: object, config: Config) -> tuple[Place, int, int]:
    """The kind, the layer and the head in "kind.layer.head"."""
    match = re.fullmatch(r"([a-z]+)\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", place) if isinstance(place, str) else None
    if match:
        layer, head = int(match[2]), int(match[3])
        for kind, stack in config.stacks.items():
            if kind == match[1] and layer < stack.layers and head < config.n_heads:
                return kind, layer, head
    there = f"a head of {config.name}, as kind.layer.head with a kind of {', '.join(config.stacks)}, counted from 0"
    raise RequestError(f"heads_off names {reprlib.repr(place)}; send {there}.")


def _mlp(place: object, config: Config) -> tuple[Place, int]:
    """The stack and the layer in "kind.layer"."""
    stacks = [(kind, stack.layers) for kind, stack in config.stacks.items() if kind != "cross"]
    match = re.fullmatch(r"([a-z]+)\.(0|[1-9]\d{0,5})", place) if isinstance(place, str) else None
    for kind, layers in stacks:
        if match and kind == match[1] and int(match[2]) < layers:
            return kind, int(match[2])
    there = f"a layer of {config.name}, as kind.layer with a kind of {', '.join(kind for kind, _ in stacks)}"
    raise RequestError(f"mlps_off names {reprlib.repr(place)}; send {there}, counted from 0.")


def _neuron(place: object, config: Config) -> tuple[Place, int, int | None, int]:
    """The stack, the layer, the expert if there are some, and the neuron in "kind.layer.neuron"."""
    number = r"\.(0|[1-9]\d{0,5})"
    match = re.fullmatch(rf"([a-z]+){number}(?:{number})?{number}", place) if isinstance(place, str) else None
    if match:
        layer, expert, neuron = (None if part is None else int(part) for part in match.groups()[1:])
        assert layer is not None
        assert neuron is not None
        for kind, stack in config.stacks.items():
            if kind == "cross" or kind != match[1] or layer >= stack.layers:
                continue
            if config.experts is None or layer not in config.expert_layers:
                if expert is None and neuron < config.d_mlp:
                    return kind, layer, None, neuron
            elif expert is not None and expert < config.experts.n_experts and neuron < config.experts.d_expert:
                return kind, layer, expert, neuron
    form = "kind.layer.neuron" + ", of an expert kind.layer.expert.neuron," * (config.experts is not None)
    there = f"a neuron of {config.name}, as {form} counted from 0"
    raise RequestError(f"neurons names {reprlib.repr(place)}; send {there}.")


def _factor(place: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MAX_FACTOR:
        raise RequestError(f"neurons of {place} is {reprlib.repr(value)}; send a number from 0 to {MAX_FACTOR:g}.")
    return float(value)


def _expert(place: object, config: Config) -> tuple[int, int]:
    """The layer and the expert in "layer.expert"."""
    match = re.fullmatch(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", place) if isinstance(place, str) else None
    if match and config.experts:
        layer, expert = int(match[1]), int(match[2])
        if layer in config.expert_layers and expert < config.experts.n_experts:
            return layer, expert
    there = f"an expert of {config.name}, as layer.expert counted from 0" if config.experts else "none: it has none"
    raise RequestError(f"expert_bias names {reprlib.repr(place)}; send {there}.")


def _bias(place: str, value: object) -> float:
    if value == "off":
        return -math.inf
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MAX_BIAS:
        limit = f"a number from -{MAX_BIAS:g} to {MAX_BIAS:g}, or off"
        raise RequestError(f"expert_bias of {place} is {reprlib.repr(value)}; send {limit}.")
    return float(value)


def sequence_number(request: object, name: str = "seq") -> int | None:
    """The number that the browser gave a request, wherever one can be read, so that even a refusal carries it.

    By another `name`, that of another request.
    """
    seq = request.get(name) if isinstance(request, Mapping) else None
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and abs(seq) <= SAFE_INTEGER else None
