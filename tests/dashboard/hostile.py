"""Text that users, files and addresses may bring, and which is to be shown as it is."""

TEXTS = (
    "![x](http://127.0.0.1:1/p.png)",
    "[click](http://127.0.0.1:1/)",
    "<img src=http://127.0.0.1:1/p.png onerror=alert(1)>",
    "see http://127.0.0.1:1/ or www.example.org or me@example.org",
    "<http://127.0.0.1:1/>",
    "**bold** _it_ ~~gone~~ $x^2$ :red[hot] :material/delete: :smile: ^up^",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "| a | b |",
    "`code` ``more`",
    "a\nb\r\n\n![x](http://127.0.0.1:1/p.png)\u202egnp",
    "[x]: http://127.0.0.1:1/",
    "&lt;b&gt; &#33;[x](y)",
    "\\![x](http://127.0.0.1:1/p.png)",
    '=HYPERLINK("http://127.0.0.1:1/")',
    "---",
    "***",
)
