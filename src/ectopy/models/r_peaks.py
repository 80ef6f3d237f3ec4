"""The R-peak network: strided and dilated convolutions that mark beats every 10 ms.

A frame of 40 ms (four samples of 10 ms) goes through one strided convolution and six residual
convolutions of width three, dilated by 1, 2, 4, 8, 16 and 1 frames, so that each mark sees 1.4 s to
either side; the last layer gives four marks a frame. About 5,000 multiplications a sample.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

STRIDE: Final = 4
FIRST_KERNEL: Final = 32  # 320 ms: a wide QRS complex and its surroundings
KERNEL: Final = 3
DILATIONS: Final = (1, 2, 4, 8, 16, 1)
CHANNELS: Final = 32  # two of the processor's vectors of 16

Float32 = npt.NDArray[np.float32]


def build() -> Any:
    """Give the network for training, without padding: it marks only what it sees fully.

    Returns
    -------
    keras.Model
        (n, n_samples, 1) to logits (n, n_frames, 4); a frame fewer for every four samples of
        `lost`.
    """
    import keras
    from keras import layers

    given = keras.Input((None, 1))
    x = layers.Conv1D(CHANNELS, FIRST_KERNEL, strides=STRIDE, name="conv0")(given)
    x = layers.ReLU()(layers.BatchNormalization(name="norm0")(x))
    for number, dilation in enumerate(DILATIONS, 1):
        y = layers.Conv1D(CHANNELS, KERNEL, dilation_rate=dilation, name=f"conv{number}")(x)
        y = layers.BatchNormalization(name=f"norm{number}")(y)
        x = layers.ReLU()(layers.Add()([y, layers.Cropping1D((KERNEL - 1) * dilation // 2)(x)]))
    # Few samples are marks: start from a low expectation (about 0.05).
    bias = keras.initializers.Constant(-3.0)
    return keras.Model(given, layers.Conv1D(STRIDE, 1, bias_initializer=bias, name="marks")(x))


def lost() -> tuple[int, int]:
    """Count the samples before the first mark, and those without a mark in all."""
    frames = (KERNEL - 1) * sum(DILATIONS)
    before = (FIRST_KERNEL - STRIDE) // 2 + STRIDE * (frames // 2)
    return before, FIRST_KERNEL - STRIDE + STRIDE * frames


def to_onnx(model: Any) -> bytes:
    """Give the ONNX file: normalisation folded in, padded to the input's length, a sigmoid last.

    The layers are two-dimensional with a height of one, because ONNX Runtime's fast blocked
    convolutions are only there for two dimensions.
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights = [], []

    def convolve(
        given: str, name: str, kernel: Float32, bias: Float32, *, dilation: int = 1, stride: int = 1
    ) -> None:
        turned = np.ascontiguousarray(kernel.transpose(2, 1, 0)[:, :, None, :], dtype=np.float32)
        weights.append(numpy_helper.from_array(turned, f"{name}.kernel"))
        weights.append(numpy_helper.from_array(bias.astype(np.float32), f"{name}.bias"))
        pad = ((len(kernel) - 1) * dilation + 1 - stride) // 2
        nodes.append(
            helper.make_node(
                "Conv",
                [given, f"{name}.kernel", f"{name}.bias"],
                [name],
                kernel_shape=[1, len(kernel)],
                dilations=[1, dilation],
                strides=[1, stride],
                pads=[0, pad, 0, pad],
            )
        )

    convolve("band", "conv0", *_folded(model, 0), stride=STRIDE)
    nodes.append(helper.make_node("Relu", ["conv0"], ["out0"]))
    for number, dilation in enumerate(DILATIONS, 1):
        before = f"out{number - 1}"
        convolve(before, f"conv{number}", *_folded(model, number), dilation=dilation)
        nodes.append(helper.make_node("Add", [f"conv{number}", before], [f"sum{number}"]))
        nodes.append(helper.make_node("Relu", [f"sum{number}"], [f"out{number}"]))
    convolve(f"out{len(DILATIONS)}", "marks", *model.get_layer("marks").get_weights())
    nodes.append(helper.make_node("Sigmoid", ["marks"], ["expected"]))
    graph = helper.make_graph(
        nodes,
        "r-peaks",
        [helper.make_tensor_value_info("band", TensorProto.FLOAT, ["leads", 1, 1, "samples"])],
        [helper.make_tensor_value_info("expected", TensorProto.FLOAT, ["leads", 4, 1, "frames"])],
        weights,
    )
    # Opset 17 and IR 9 are read by ONNX Runtime from 1.15 on.
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    content: bytes = made.SerializeToString()
    return content


def _folded(model: Any, number: int) -> tuple[Float32, Float32]:
    """Give a convolution's kernel and bias with its batch normalisation worked in."""
    kernel, bias = model.get_layer(f"conv{number}").get_weights()
    norm = model.get_layer(f"norm{number}")
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return kernel * scale, (bias - mean) * scale + beta
