"""Linear probes: where in the residual stream can an s-op be read?"""

import collections
import warnings

import numpy
from crosscheck import atom_key, manifest_key
from interventions import sops
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from stream import stage_of

from discovery.model import hooked, streams

BELIEVED = 0.99  # the share of positions that a probe was not fitted on, at which it is right
LEAST = 8  # positions at which an s-op has a value; rarer ones are left out


def written(manifest):
    """Returns the layer behind which each s-op stands in columns; -1 where it is embedded."""
    layers = collections.defaultdict(lambda: -1)
    for column in manifest["columns"]:
        layer = (stage_of(column["written"]) - 1) // 2
        layers[column["variable"]] = max(layers[column["variable"]], layer)
    first = {}
    for variable in manifest["variables"]:
        if "sop" in variable and not variable.get("part"):
            first[variable["sop"]] = min(layers[variable["name"]], first.get(variable["sop"], manifest["model"]["layers"]))
    return first


def told_apart(sop, values):
    """Returns what to read of an s-op's values: numbers, or which of the classes that its columns tell apart."""
    _, classes = numpy.unique(sop.codes, axis=0, return_inverse=True)
    keys = [manifest_key(atom) for atom in sop.values]
    if len(set(classes)) == len(keys) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return numpy.array(values)
    names = {key: str(number) for key, number in zip(keys, classes, strict=True)}
    return numpy.array([names[atom_key(value)] for value in values])


class Regression:
    """Reads the nearest of the values it was fitted on to a linear function."""

    def fit(self, stream, labels):
        self.values, self.line = numpy.unique(labels), LinearRegression().fit(stream, labels)
        return self

    def score(self, stream, labels):
        distance = abs(self.line.predict(stream)[:, None] - self.values)
        return (self.values[distance.argmin(1)] == labels).mean()


def reads(stream, labels, seed):
    """Reports whether a probe reads labels from the stream."""
    fit, test, fit_labels, test_labels = train_test_split(stream, labels, random_state=seed, stratify=labels)
    if labels.dtype.kind in "if":
        return Regression().fit(fit, fit_labels).score(test, test_labels) >= BELIEVED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe = LogisticRegression(C=1e4, max_iter=2000).fit(fit, fit_labels)
    return probe.score(test, test_labels) >= BELIEVED


def probe(subject, seed):
    """Probes for each s-op behind each layer. Returns all pairs of an s-op and a layer, those behind which the
    s-op stands in columns, and those at which a probe reads it."""
    behind = streams(hooked(subject.folder), subject.inputs + subject.others)
    layers = written(subject.manifest)
    pairs, held, read = set(), set(), set()
    for sop in sops(subject.manifest):
        if sop.name not in subject.values or not sop.values:
            continue
        labels = told_apart(sop, [value for line in subject.values[sop.name] for value in line])
        counts = collections.Counter(labels.tolist())
        common = numpy.array([counts[label] >= LEAST for label in labels.tolist()])
        if len(set(labels[common].tolist())) < 2:
            continue
        for layer, stream in enumerate(behind):
            pairs.add((sop.name, layer))
            if layers[sop.name] <= layer:
                held.add((sop.name, layer))
            if reads(stream.reshape(len(labels), -1)[common], labels[common], seed):
                read.add((sop.name, layer))
    return pairs, held, read
