//! Go's templates as `-o go-template` fills them: `{{range .items}}{{.metadata.name}} {{end}}`.
//!
//! [`Template::parse`] reads one, [`Template::print`] fills it from an object. Models Go `text/template` (of Go 1.26) and
//! the functions that cli-runtime `pkg/printers/template.go` adds. Its sentences are kept, with the place they name.
//!
//! *Differs:* templates that nest absurdly deep, go round millions of times or write megabytes are refused; there are no
//! complex numbers.

mod eval;
mod format;
mod function;
mod lex;
mod node;
mod parse;
mod value;

use std::collections::BTreeMap;

use serde_json::Value;

/// A template that was read: its text, and what it and its `{{define}}`s hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    text: String,
    root: Vec<node::Node>,
    defined: BTreeMap<String, Vec<node::Node>>,
}

impl Template {
    /// Reads a template; the error is Go's sentence, `template: output:1: unclosed action`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (root, defined) = parse::parse(text)?;
        Ok(Self { text: text.to_owned(), root, defined })
    }

    /// Fills it from an object. What was written before something failed counts, as upstream has printed it by then.
    pub fn print(&self, object: &Value, missing_allowed: bool) -> (String, Result<(), String>) {
        eval::fill(self, object, missing_allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn print(template: &str) -> String {
        let object = json!({
            "kind": "List", "none": null, "big": 1_000_000, "ratio": 1.5, "yes": true,
            "items": [
                {"name": "a", "n": 1, "ports": [80, 443], "labels": {"x.y/z": "1", "app": "w"}},
                {"name": "b", "n": 20, "ports": [], "ready": true},
            ],
        });
        match Template::parse(template) {
            Ok(template) => {
                let (mut text, result) = template.print(&object, true);
                if let Err(error) = result {
                    text.push_str("! ");
                    text.push_str(&error);
                }
                text
            }
            Err(error) => format!("? {error}"),
        }
    }

    #[test]
    fn fills_templates() {
        for (template, text) in [
            ("{{range .items}}{{.name}} {{end}}", "a b "),
            ("{{range $i, $e := .items}}{{$i}}={{$e.n}},{{end}}", "0=1,1=20,"),
            ("{{range $k, $v := (index .items 0).labels}}{{$k}}:{{$v}};{{end}}", "app:w;x.y/z:1;"),
            ("{{range .nope}}x{{else}}none{{end}}", "none"),
            ("{{range .items}}{{if eq .name \"b\"}}{{break}}{{end}}{{.n}}{{end}}", "1"),
            ("{{with .items}}{{len .}}{{end}}{{with .nope}}x{{else}}y{{end}}", "2y"),
            (
                "{{if and .yes (gt (len .items) 1)}}many{{else if .yes}}one{{else}}none{{end}}",
                "many",
            ),
            ("{{index .items 0 \"labels\" \"x.y/z\"}}", "1"),
            (
                "{{printf \"%-5s|%5.2f|%03d|%q|%v|%T\" .kind .ratio 7 \"x\" .yes .big}}",
                "List | 1.50|007|\"x\"|true|int64",
            ),
            ("{{.kind | printf \"%s-%s\" \"a\"}}", "a-List"),
            (
                "{{.big}} {{.ratio}} {{.none}} {{.nope}} {{.nope.deeper}}",
                "1000000 1.5 <no value> <no value> <no value>",
            ),
            (
                "{{.items}}",
                "[map[labels:map[app:w x.y/z:1] n:1 name:a ports:[80 443]] map[n:20 name:b ports:[] ready:true]]",
            ),
            ("a {{- .kind -}} \n b", "aListb"),
            ("{{/* nothing */}}x{{- /* nothing */ -}} y", "xy"),
            ("{{$x := 1}}{{$x = 2}}{{$x}}", "2"),
            ("{{\"YWI=\" | base64decode}}", "ab"),
            ("{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .kind}}", "<List>"),
            (
                "{{not true}} {{or 0 \"\" \"z\"}} {{and 1 0}} {{ne 1 2}} {{le 2 2}} {{lt \"a\" \"b\"}}",
                "false z 0 true true true",
            ),
            ("{{print 1 2 \"a\" \"b\" 3}}{{println}}", "1 2ab3\n"),
            ("{{html \"<a>\"}} {{slice \"abcd\" 1 3}} {{len \"abc\"}}", "&lt;a&gt; bc 3"),
        ] {
            assert_eq!(print(template), text, "{template}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (template, error) in [
            ("{{.x", "? template: output:1: unclosed action"),
            ("a\n{{range .x}}", "? template: output:2: unexpected EOF"),
            ("{{end}}", "? template: output:1: unexpected {{end}}"),
            ("{{foo}}", "? template: output:1: function \"foo\" not defined"),
            ("{{$x}}", "? template: output:1: undefined variable \"$x\""),
            ("{{}}", "? template: output:1: missing value for command"),
            ("{{break}}", "? template: output:1: {{break}} outside {{range}}"),
            (
                "{{.kind.x}}",
                "! template: output:1:7: executing \"output\" at <.kind.x>: can't evaluate field x in type interface {}",
            ),
            (
                "x\n {{.none.x}}",
                "x\n ! template: output:2:8: executing \"output\" at <.none.x>: nil pointer evaluating interface {}.x",
            ),
            (
                "{{range .kind}}{{end}}{{index .items 5}}",
                "! template: output:1:8: executing \"output\" at <.kind>: range can't iterate over List",
            ),
            (
                "{{index .items 5}}",
                "! template: output:1:2: executing \"output\" at <index .items 5>: error calling index: index out of range: 5",
            ),
            (
                "{{eq 1 \"a\"}}",
                "! template: output:1:2: executing \"output\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison: int and string",
            ),
            (
                "{{base64decode .big}}",
                "! template: output:1:15: executing \"output\" at <.big>: wrong type for value; expected string; got int64",
            ),
            (
                "{{len 1 2}}",
                "! template: output:1:2: executing \"output\" at <len>: wrong number of args for len: want 1 got 2",
            ),
        ] {
            assert_eq!(print(template), error, "{template}");
        }
    }

    #[test]
    fn absurd_templates_are_refused() {
        let deep = format!("{{{{{}1{}}}}}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(print(&deep).starts_with('?'));
        let nested = "{{if 1}}".repeat(100_000);
        assert!(print(&nested).starts_with('?'));
        assert!(print("{{range 1000000000}}x{{end}}").contains("! "));
        assert!(
            print("{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}").contains("! ")
        );
        assert!(print("{{printf \"%999999999d\" 1}}").len() < 100);
    }
}
