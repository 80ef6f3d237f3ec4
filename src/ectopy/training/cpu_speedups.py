"""The same gradient steps in less time on a CPU: one fused kernel for batch norm, short floats.

Keras writes batch normalisation as a chain of elementwise operations, each a pass over the whole
activation, forwards and backwards: half of a step of the 1D-CNN. And processors with bfloat16 units
(AMX, AVX512-BF16) multiply in it several times as fast as in float32.

Both act on Keras' own layers and only inside a block, so that what is validated, saved, exported
and loaded is the plain float32 model.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ectopy.training.recipe import Precision


@contextmanager
def cpu_speedups(model: Any, precision: Precision = "float32") -> Iterator[None]:
    """Let a model's training step use faster kernels; to be held around calls of ``fit`` alone.

    Functions traced inside the block keep the kernels. On other backends than TensorFlow, and for
    layers that the fused kernel does not fit, batch normalisation stays as it is.

    Parameters
    ----------
    model : keras.Model
        Whose training step is traced inside the block, and whose other functions outside of it.
    precision : {"float32", "bfloat16"}
        What activations and products are kept in. Weights, their updates and the output layer with
        its loss are float32 always.
    """
    import keras

    # Not the layers whose output the loss sees: a probability wants all its digits.
    last = set(model.output_names)
    short = [] if precision == "float32" else [x for x in model.layers if x.name not in last]
    policies = [layer.dtype_policy for layer in short]
    for layer in short:
        layer.dtype_policy = f"mixed_{precision}"
    norms = []
    if keras.backend.backend() == "tensorflow":
        norms = [layer for layer in model.layers if _fits(layer)]
    for layer in norms:
        layer.call = _fused(layer)
    try:
        yield
    finally:
        for layer in norms:
            del layer.call
        for layer, policy in zip(short, policies, strict=True):
            layer.dtype_policy = policy


def _fits(layer: Any) -> bool:
    import keras

    return (
        type(layer) is keras.layers.BatchNormalization
        and layer.trainable
        and layer.center
        and layer.scale
        and len(layer.input.shape) in (3, 4)
        and layer.axis in (-1, len(layer.input.shape) - 1)
    )


def _fused(layer: Any) -> Any:
    """Give a stand-in for the layer's ``call`` that trains by the fused kernel."""
    import tensorflow as tf

    plain = type(layer).call
    flat = len(layer.input.shape) == 3  # the kernel wants height and width

    def call(inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not training or mask is not None:
            return plain(layer, inputs, training=training, mask=mask)
        image = tf.expand_dims(inputs, 1) if flat else inputs
        out, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=image,
            scale=tf.cast(layer.gamma, tf.float32),
            offset=tf.cast(layer.beta, tf.float32),
            mean=tf.zeros(0),
            variance=tf.zeros(0),
            epsilon=layer.epsilon,
            is_training=True,
        )
        # The kernel gives the unbiased variance, Keras averages the plain one.
        n = tf.cast(tf.size(inputs) // tf.shape(inputs)[-1], tf.float32)
        momentum = layer.momentum
        for average, new in (
            (layer.moving_mean, mean),
            (layer.moving_variance, variance * (n - 1) / n),
        ):
            average.assign(average * momentum + new * (1 - momentum))
        return tf.squeeze(out, 1) if flat else out

    return call
