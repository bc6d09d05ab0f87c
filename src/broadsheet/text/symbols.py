"""What TeX macros stand for: one table for each kind."""

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega varepsilon vartheta varphi varrho "
    "varsigma varpi"
)
_GREEK = dict(
    zip(
        _GREEK_NAMES.split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩεϑφϱςϖ",
        strict=True,
    )
)

_PAIRS = (
    "times=× pm=± mp=∓ cdot=· cdots=⋯ ldots=… dots=… dotsc=… textellipsis=… circ=° deg=° degree=° textdegree=° "
    "sim=∼ simeq=≃ approx=≈ approxeq=≊ cong=≅ equiv=≡ propto=∝ leq=≤ le=≤ leqslant=≤ geq=≥ ge=≥ geqslant=≥ "
    "lesssim=≲ gtrsim=≳ ll=≪ gg=≫ neq=≠ ne=≠ to=→ rightarrow=→ leftarrow=← leftrightarrow=↔ longrightarrow=→ "
    "longleftrightarrow=↔ Rightarrow=⇒ Leftarrow=⇐ Leftrightarrow=⇔ uparrow=↑ downarrow=↓ mapsto=↦ hookrightarrow=↪ "
    "nearrow=↗ searrow=↘ infty=∞ partial=∂ nabla=∇ forall=∀ exists=∃ in=∈ notin=∉ ni=∋ subset=⊂ subseteq=⊆ "
    "supset=⊃ supseteq=⊇ cup=∪ cap=∩ setminus=∖ emptyset=∅ varnothing=∅ wedge=∧ land=∧ vee=∨ lor=∨ neg=¬ lnot=¬ "
    "oplus=⊕ otimes=⊗ odot=⊙ boxtimes=⊠ sum=∑ prod=∏ int=∫ oint=∮ star=⋆ ast=∗ bullet=• dagger=† ddagger=‡ "
    "ell=ℓ hbar=ℏ Re=ℜ Im=ℑ aleph=ℵ wp=℘ angle=∠ perp=⊥ parallel=∥ mid=∣ vert=| Vert=‖ langle=⟨ rangle=⟩ "
    "lfloor=⌊ rfloor=⌋ lceil=⌈ rceil=⌉ prec=≺ succ=≻ preceq=⪯ succeq=⪰ sqsubseteq=⊑ vdash=⊢ vDash=⊨ models=⊨ "
    "top=⊤ bot=⊥ triangle=△ square=□ diamond=⋄ checkmark=✓ prime=′ backslash=\\ slash=/ div=÷ surd=√ "
    "textregistered=® circledR=® texttrademark=™ copyright=© textcopyright=© S=§ P=¶ pounds=£ euro=€ texteuro=€ "
    "textmu=μ textmicro=μ textpertenthousand=‱ textperthousand=‰ textemdash=— textendash=– "
    "textquotesingle=' textquoteright=’ textquoteleft=‘ textquotedblleft=“ textquotedblright=” "
    "textasciitilde=~ textasciicircum=^ textbackslash=\\ textbar=| textless=< textgreater=> textunderscore=_ "
    "imath=ı jmath=ȷ lbrace={ rbrace=} lbrack=[ rbrack=] lvert=| rvert=| lVert=‖ rVert=‖ "
    "TeX=TeX LaTeX=LaTeX"
)

_LETTER_PAIRS = "ss=ß o=ø O=Ø l=ł L=Ł aa=å AA=Å ae=æ AE=Æ oe=œ OE=Œ i=ı j=ȷ dh=ð DH=Ð th=þ TH=Þ dj=đ DJ=Đ ng=ŋ NG=Ŋ"
LETTERS: dict[str, str] = dict(pair.split("=") for pair in _LETTER_PAIRS.split())

SYMBOLS: dict[str, str] = {
    **LETTERS,
    **_GREEK,
    **dict(pair.split("=") for pair in _PAIRS.split()),
    "textequal": "=",
    "quad": " ",
    "qquad": " ",
    "space": " ",
    "newline": " ",
    "par": " ",
    "n": " ",  # a line break that lost its meaning on the way
    "\\": " ",
    " ": " ",
    "\n": " ",
    ",": " ",
    ";": " ",
    ":": " ",
    ">": " ",
    "!": "",
    "-": "",
    "/": "",
    "@": "",
    "|": "‖",
    "%": "%",
    "&": "&",
    "#": "#",
    "$": "$",
    "_": "_",
    "{": "{",
    "}": "}",
}

ACCENTS: dict[str, str] = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}

MATH_ACCENTS: dict[str, str] = {
    "grave": "\u0300",
    "acute": "\u0301",
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "breve": "\u0306",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "vec": "\u20d7",
}

_DROPPED = (
    "left right big Big bigg Bigg bigl bigr Bigl Bigr bf em it tt rm sc sf sl cal normalfont bfseries itshape ttfamily "
    "rmfamily sffamily scshape upshape displaystyle textstyle scriptstyle limits nolimits small large Large LARGE huge "
    "Huge tiny footnotesize normalsize scriptsize noindent bigskip medskip smallskip xspace protect centering item "
    "hfill nonumber notag newpage relax"
)
DROPPED = frozenset(_DROPPED.split())

BLACKBOARD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟙", strict=True))

SUPERSCRIPTS = dict(zip("0123456789+-−=()niT∗*′°", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵀ*" + "*′°", strict=True))

SUBSCRIPTS = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
