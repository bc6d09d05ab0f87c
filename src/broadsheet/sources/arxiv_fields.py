"""arXiv's archives and categories by name, as its taxonomy has them (https://arxiv.org/category_taxonomy)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """A category: what harvests and interests call it, and what people do."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """Categories that belong together. `archives` stand for all of theirs, as `math` does for `math.AG`."""

    name: str
    archives: tuple[Field, ...]
    fields: tuple[Field, ...]


def _fields(text: str) -> tuple[Field, ...]:
    rows = (line.partition(" ") for line in text.strip().splitlines())
    return tuple(Field(id.strip(), name.strip()) for id, _, name in rows)


GROUPS: Final = (
    Group(
        "Computer science",
        _fields("cs All of computer science"),
        _fields("""
cs.AI Artificial intelligence
cs.AR Hardware architecture
cs.CC Computational complexity
cs.CE Computational engineering, finance and science
cs.CG Computational geometry
cs.CL Computation and language
cs.CR Cryptography and security
cs.CV Computer vision and pattern recognition
cs.CY Computers and society
cs.DB Databases
cs.DC Distributed, parallel and cluster computing
cs.DL Digital libraries
cs.DM Discrete mathematics
cs.DS Data structures and algorithms
cs.ET Emerging technologies
cs.FL Formal languages and automata theory
cs.GL General literature
cs.GR Graphics
cs.GT Computer science and game theory
cs.HC Human-computer interaction
cs.IR Information retrieval
cs.IT Information theory
cs.LG Machine learning
cs.LO Logic in computer science
cs.MA Multiagent systems
cs.MM Multimedia
cs.MS Mathematical software
cs.NA Numerical analysis
cs.NE Neural and evolutionary computing
cs.NI Networking and internet architecture
cs.OH Other computer science
cs.OS Operating systems
cs.PF Performance
cs.PL Programming languages
cs.RO Robotics
cs.SC Symbolic computation
cs.SD Sound
cs.SE Software engineering
cs.SI Social and information networks
cs.SY Systems and control
"""),
    ),
    Group(
        "Statistics",
        _fields("stat All of statistics"),
        _fields("""
stat.AP Applications
stat.CO Computation
stat.ME Methodology
stat.ML Machine learning
stat.OT Other statistics
stat.TH Theory
"""),
    ),
    Group(
        "Mathematics",
        _fields("math All of mathematics"),
        _fields("""
math.AC Commutative algebra
math.AG Algebraic geometry
math.AP Analysis of PDEs
math.AT Algebraic topology
math.CA Classical analysis and ODEs
math.CO Combinatorics
math.CT Category theory
math.CV Complex variables
math.DG Differential geometry
math.DS Dynamical systems
math.FA Functional analysis
math.GM General mathematics
math.GN General topology
math.GR Group theory
math.GT Geometric topology
math.HO History and overview
math.IT Information theory
math.KT K-theory and homology
math.LO Logic
math.MG Metric geometry
math-ph Mathematical physics
math.NA Numerical analysis
math.NT Number theory
math.OA Operator algebras
math.OC Optimization and control
math.PR Probability
math.QA Quantum algebra
math.RA Rings and algebras
math.RT Representation theory
math.SG Symplectic geometry
math.SP Spectral theory
math.ST Statistics theory
"""),
    ),
    Group(
        "Physics",
        _fields("physics All of the archive physics"),
        _fields("""
physics.acc-ph Accelerator physics
physics.ao-ph Atmospheric and oceanic physics
physics.app-ph Applied physics
physics.atm-clus Atomic and molecular clusters
physics.atom-ph Atomic physics
physics.bio-ph Biological physics
physics.chem-ph Chemical physics
physics.class-ph Classical physics
physics.comp-ph Computational physics
physics.data-an Data analysis, statistics and probability
physics.ed-ph Physics education
physics.flu-dyn Fluid dynamics
physics.gen-ph General physics
physics.geo-ph Geophysics
physics.hist-ph History and philosophy of physics
physics.ins-det Instrumentation and detectors
physics.med-ph Medical physics
physics.optics Optics
physics.plasm-ph Plasma physics
physics.pop-ph Popular physics
physics.soc-ph Physics and society
physics.space-ph Space physics
quant-ph Quantum physics
gr-qc General relativity and quantum cosmology
hep-ex High energy physics, experiment
hep-lat High energy physics, lattice
hep-ph High energy physics, phenomenology
hep-th High energy physics, theory
nucl-ex Nuclear experiment
nucl-th Nuclear theory
nlin.AO Adaptation and self-organizing systems
nlin.CD Chaotic dynamics
nlin.CG Cellular automata and lattice gases
nlin.PS Pattern formation and solitons
nlin.SI Exactly solvable and integrable systems
"""),
    ),
    Group(
        "Astrophysics",
        _fields("astro-ph All of astrophysics"),
        _fields("""
astro-ph.CO Cosmology and nongalactic astrophysics
astro-ph.EP Earth and planetary astrophysics
astro-ph.GA Astrophysics of galaxies
astro-ph.HE High energy astrophysical phenomena
astro-ph.IM Instrumentation and methods
astro-ph.SR Solar and stellar astrophysics
"""),
    ),
    Group(
        "Condensed matter",
        _fields("cond-mat All of condensed matter"),
        _fields("""
cond-mat.dis-nn Disordered systems and neural networks
cond-mat.mes-hall Mesoscale and nanoscale physics
cond-mat.mtrl-sci Materials science
cond-mat.other Other condensed matter
cond-mat.quant-gas Quantum gases
cond-mat.soft Soft condensed matter
cond-mat.stat-mech Statistical mechanics
cond-mat.str-el Strongly correlated electrons
cond-mat.supr-con Superconductivity
"""),
    ),
    Group(
        "Quantitative biology",
        _fields("q-bio All of quantitative biology"),
        _fields("""
q-bio.BM Biomolecules
q-bio.CB Cell behaviour
q-bio.GN Genomics
q-bio.MN Molecular networks
q-bio.NC Neurons and cognition
q-bio.OT Other quantitative biology
q-bio.PE Populations and evolution
q-bio.QM Quantitative methods
q-bio.SC Subcellular processes
q-bio.TO Tissues and organs
"""),
    ),
    Group(
        "Electrical engineering and systems",
        _fields("eess All of electrical engineering and systems"),
        _fields("""
eess.AS Audio and speech processing
eess.IV Image and video processing
eess.SP Signal processing
eess.SY Systems and control
"""),
    ),
    Group(
        "Economics and finance",
        _fields("econ All of economics\nq-fin All of quantitative finance"),
        _fields("""
econ.EM Econometrics
econ.GN General economics
econ.TH Theoretical economics
q-fin.CP Computational finance
q-fin.EC Economics
q-fin.GN General finance
q-fin.MF Mathematical finance
q-fin.PM Portfolio management
q-fin.PR Pricing of securities
q-fin.RM Risk management
q-fin.ST Statistical finance
q-fin.TR Trading and market microstructure
"""),
    ),
)
"""Groups in the order of a page; those that most people look for first."""

KNOWN: Final = frozenset(field.id for group in GROUPS for field in (*group.archives, *group.fields))
"""All that can be asked for."""


def unknown(categories: Iterable[str]) -> tuple[str, ...]:
    """Those that are no category or archive of arXiv, as far as is known here: arXiv may have new ones."""
    archives = {name.partition(".")[0] for name in KNOWN}
    return tuple(name for name in categories if name not in KNOWN and name not in archives)
