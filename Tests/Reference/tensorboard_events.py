"""What TensorBoard reads in a directory of event files, as JSON.

    python Tests/Reference/tensorboard_events.py DIRECTORY
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

everything = {"scalars": 0, "histograms": 0, "tensors": 0}
run = EventAccumulator(sys.argv[1], size_guidance=everything)
run.Reload()
scalars = {
    tag: [[event.step, event.value] for event in run.Scalars(tag)] for tag in run.Tags()["scalars"]
}
histograms = {}
for tag in run.Tags()["histograms"]:
    for event in run.Histograms(tag):
        value = event.histogram_value
        histograms[tag] = {
            "step": event.step, "sum": value.sum, "count": value.num,
            "counts": list(value.bucket), "limits": list(value.bucket_limit),
        }
parameters, status = {}, None
for tag, content in run.PluginTagToContent("hparams").items():
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    if tag == "_hparams_/session_start_info":
        for name, value in data.session_start_info.hparams.items():
            parameters[name] = getattr(value, value.WhichOneof("kind"))
    elif tag == "_hparams_/session_end_info":
        status = data.session_end_info.status
print(json.dumps({
    "scalars": scalars, "histograms": histograms, "hparams": parameters, "status": status,
}))
