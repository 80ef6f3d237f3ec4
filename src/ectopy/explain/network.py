"""What explanations need of a Keras model: its convolutions, its scores, its gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError, ModelError

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Beats = npt.ArrayLike | Sequence[npt.ArrayLike]

BATCH: Final = 256  # beats at once: larger ones leave the processor's caches and win nothing
_STEPS: Final = 12  # a step is then about as long as a QRS complex; longer ones blur the waves
_FLOOR: Final = 1e-7  # keeps log-odds finite where a probability is 0 or 1 in float32


def inputs(model: Any, X: Beats) -> list[Float32]:
    """Give beats in the shapes that a model takes.

    Parameters
    ----------
    model : keras.Model
        The model.
    X : array of shape (n_beats, n_samples) or (n_beats, n_samples, n_leads), or a list
        The beats; for a model with several inputs a list or tuple of one array each.

    Raises
    ------
    ModelError
        If the shapes are not those of the model's inputs.
    """
    given = list(X) if isinstance(X, list | tuple) and len(model.inputs) > 1 else [X]
    if len(given) != len(model.inputs):
        raise ModelError(f"the model takes {len(model.inputs)} inputs, {len(given)} were given")
    arrays = []
    for value, wanted in zip(given, model.inputs, strict=True):
        array = np.asarray(value, dtype=np.float32)
        if array.ndim == len(wanted.shape) - 1:
            array = array[..., None]
        fits = array.ndim == len(wanted.shape) and all(
            size is None or size == found
            for size, found in zip(wanted.shape[1:], array.shape[1:], strict=True)
        )
        if not fits:
            raise ModelError(
                f"the beats have shape {array.shape}, expected (n, "
                f"{', '.join(str(size) for size in wanted.shape[1:])}) as the model's input"
            )
        arrays.append(array)
    return arrays


def plain(arrays: Sequence[Float32]) -> Beats:
    """Give beats as `inputs` took them: one lead without its axis, several inputs as a list."""
    if len(arrays) > 1:
        return list(arrays)
    return one_lead(arrays[0])


def one_lead(signal: Float32) -> Float32:
    """Give beats (n, n_samples, 1) as (n, n_samples), and those of several leads as they are."""
    return signal[..., 0] if signal.shape[2:] == (1,) else signal


def rows_of(beats: Beats, index: Any) -> Beats:
    """Choose some beats, of every input."""
    if isinstance(beats, list | tuple):
        return [np.asarray(array)[index] for array in beats]
    chosen: Float32 = np.asarray(beats)[index]
    return chosen


def with_signal(arrays: Sequence[Float32], place: int, signal: Float32) -> list[Float32]:
    """Put a changed signal among a model's inputs; the features stay what they were.

    ``signal`` may hold all beats several times over, one round after the other; the features are
    then repeated as often.
    """
    times = len(signal) // max(len(arrays[place]), 1)
    return [
        signal if number == place else np.tile(array, (times, *[1] * (array.ndim - 1)))
        for number, array in enumerate(arrays)
    ]


def layers_of(model: Any) -> list[Any]:
    """Every layer of a model in the order of its graph, those of models inside it too."""
    return [layer for _, layer in _named(model)]


def convolutions(model: Any) -> dict[str, Any]:
    """Give the one-dimensional convolutions of a model by name, from input to output.

    One of a model inside the model is called ``inner/layer``.
    """
    import keras

    kinds = (keras.layers.Conv1D, keras.layers.SeparableConv1D, keras.layers.DepthwiseConv1D)
    return {name: layer for name, layer in _named(model) if isinstance(layer, kinds)}


def chosen_convolutions(model: Any, name: str | None = None) -> dict[str, Any]:
    """Give the convolutions that a map is made of.

    Parameters
    ----------
    model : keras.Model
        The model.
    name : str, optional
        One of `convolutions`. By default the last one that still has a few steps over the beat,
        of each model inside where there are several.

    Raises
    ------
    ModelError
        If there is none, or none of that name; the message lists those there are.
    """
    known = convolutions(model)
    if not known:
        raise ModelError(f"model {model.name!r} has no one-dimensional convolution to explain")
    if name is not None:
        if name not in known:
            raise ModelError(
                f"model {model.name!r} has no convolution {name!r}; it has {', '.join(known)}"
            )
        return {name: known[name]}
    chosen = {}
    for place in dict.fromkeys(key.rpartition("/")[0] for key in known):
        steps = {
            key: int(layer.output.shape[1] or 0)
            for key, layer in known.items()
            if key.rpartition("/")[0] == place
        }
        fine = [key for key, n in steps.items() if n >= _STEPS]
        best = fine[-1] if fine else max(steps, key=lambda key: steps[key])
        chosen[best] = known[best]
    return chosen


def _named(model: Any, before: str = "") -> list[tuple[str, Any]]:
    import keras

    found: list[tuple[str, Any]] = []
    for layer in model.layers:
        name = before + layer.name
        inside = isinstance(layer, keras.Model)
        found += _named(layer, f"{name}/") if inside else [(name, layer)]
    return found


def targets(class_index: int | npt.ArrayLike | None, scores: Float32) -> Int64:
    """Give the class to explain of each beat: as asked, or the one with the highest score."""
    if class_index is None:
        best: Int64 = scores.argmax(axis=1).astype(np.int64)
        return best
    wanted = np.broadcast_to(np.asarray(class_index, dtype=np.int64), len(scores))
    if wanted.size and not (wanted.min() >= 0 and wanted.max() < scores.shape[1]):
        raise ConfigError(
            f"class_index runs from {wanted.min()} to {wanted.max()}, "
            f"expected 0 to {scores.shape[1] - 1}"
        )
    return wanted


@contextmanager
def scorer(model: Any) -> Iterator[Callable[[list[Any]], Any]]:
    """Give a function from input tensors to class scores before the softmax.

    After a softmax the score of a class that is nearly certain hardly moves, and every gradient
    vanishes; before it, it does not. A model that ends otherwise (the mean of several, say) is
    scored by the log-odds of each class.
    """
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            f"explanations need Keras on TensorFlow, found {keras.backend.backend()}; "
            "set KERAS_BACKEND=tensorflow"
        )
    last = _last(model)
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    squashes = activation in ("softmax", "sigmoid") or isinstance(last, keras.layers.Softmax)
    with ExitStack() as stack:
        seen = stack.enter_context(tapped(last)) if squashes else []

        def score(tensors: list[Any]) -> Any:
            seen.clear()
            output = model(tensors if len(tensors) > 1 else tensors[0], training=False)
            if not squashes:
                if activation == "linear":
                    return output
                p = tf.clip_by_value(output, _FLOOR, 1 - _FLOOR)
                return tf.math.log(p) - tf.math.log1p(-p)
            before = seen[-1][0]
            if isinstance(last, keras.layers.Dense):
                before = tf.matmul(before, last.kernel)
                before = before + last.bias if last.use_bias else before
            return before

        yield score


def _last(model: Any) -> Any:
    """Give the layer that makes the model's output."""
    import keras

    operation = model.outputs[0]._keras_history.operation
    return _last(operation) if isinstance(operation, keras.Model) else operation


@contextmanager
def tapped(layer: Any) -> Iterator[list[tuple[Any, Any]]]:
    """Note what a layer is given and gives while the block runs, at whatever depth it sits."""
    seen: list[tuple[Any, Any]] = []
    call = layer.call

    def noted(*args: Any, **kwargs: Any) -> Any:
        output = call(*args, **kwargs)
        seen.append((args[0], output))
        return output

    layer.call = noted
    try:
        yield seen
    finally:
        del layer.call  # the class's own method is found again


def batches(arrays: Sequence[Float32], size: int = BATCH) -> Iterator[tuple[slice, list[Any]]]:
    """Give consecutive beats as tensors."""
    import tensorflow as tf

    for begin in range(0, len(arrays[0]), size):
        rows = slice(begin, begin + size)
        yield rows, [tf.convert_to_tensor(array[rows]) for array in arrays]


def predictor(model: Any) -> Callable[[Beats], Float32]:
    """Give a function from beats to class probabilities, compiled once."""
    import tensorflow as tf

    shapes = [tf.TensorSpec((None, *x.shape[1:]), tf.float32) for x in model.inputs]

    @tf.function(input_signature=[shapes], jit_compile=False)  # type: ignore[untyped-decorator]
    def run(tensors: list[Any]) -> Any:
        return model(tensors if len(tensors) > 1 else tensors[0], training=False)

    def predict(X: Beats) -> Float32:
        arrays = inputs(model, X)
        parts = [run(tensors).numpy() for _, tensors in batches(arrays, 2 * BATCH)]
        return np.concatenate(parts).astype(np.float32)

    return predict
