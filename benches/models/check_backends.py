"""Fails unless a model has the same F1 through every backend: the first row of comparison.json and the rows in f32 beside it.

    python benches/models/check_backends.py comparison.json
"""

import json
import sys

BAR = 0.005


def main() -> None:
    rows = json.load(open(sys.argv[1], encoding="utf-8"))["rows"]
    same = [row for row in rows[1:] if row["specification"].endswith("+default") and "int8" not in row["specification"]]
    for row in same:
        pairs = list(zip(rows[0]["scores"], row["scores"], strict=True))
        apart = max(abs(one["f1"]["value"] - other["f1"]["value"]) for one, other in pairs if one["slice"]["by"] == "all")
        print(f"{row['model']}: F1 differs from {rows[0]['model']} by {apart:.4f} at most")
        if apart > BAR:
            sys.exit("that is too much")
    if not {"libtorch", "onnx"} <= {row["about"]["backend"] for row in same}:
        sys.exit("not every backend was compared")


if __name__ == "__main__":
    main()
