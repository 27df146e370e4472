//! Where something may stand in an answer. It must never take a null for a value.

use serde::Deserialize;
use serde_json::Value;

/// Places of which the first that holds a value counts. Each is a JSON pointer (RFC 6901); a step `*` is the only member of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Pointers(Vec<String>);

impl Pointers {
    /// The first value that is there and not null.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0
            .iter()
            .filter_map(|pointer| resolve(pointer, value))
            .find(|found| !found.is_null())
    }

    /// The first text, or number as text, that is there and not empty.
    pub fn text(&self, value: &Value) -> Option<String> {
        self.0
            .iter()
            .filter_map(|pointer| match resolve(pointer, value)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .find(|text| !text.is_empty())
    }

    /// A pointer that is none.
    pub(super) fn malformed(&self) -> Option<&str> {
        self.0
            .iter()
            .map(String::as_str)
            .find(|pointer| !pointer.is_empty() && !pointer.starts_with('/'))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn resolve<'v>(pointer: &str, value: &'v Value) -> Option<&'v Value> {
    let mut steps = pointer.split('/');
    // What stands before the first slash is empty, and names the value itself.
    steps.next();
    steps.try_fold(value, |value, step| match value {
        Value::Object(object) if step == "*" && object.len() == 1 => object.values().next(),
        Value::Object(object) => object.get(&step.replace("~1", "/").replace("~0", "~")),
        Value::Array(array) => array.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_value_counts() {
        let check = |pointers: &[&str], expect: Option<Value>| {
            let value = json!({"a": null, "b": {"c": [1, {"d": ""}]}, "x/y": "z"});
            let all = Pointers(pointers.iter().map(|p| (*p).to_owned()).collect());
            assert_eq!(all.find(&value).cloned(), expect, "{pointers:?}");
        };
        check(&["/a", "/b/c/0"], Some(json!(1)));
        check(&["/b/*/1"], Some(json!({"d": ""})));
        check(&["/*"], None);
        check(&["/x~1y"], Some(json!("z")));
        check(&["/b/c/9", "/b/c/d", "/x/y"], None);
        check(&[], None);
    }

    #[test]
    fn texts_are_not_empty_and_numbers_are_texts() {
        let all = Pointers(vec!["/a".to_owned(), "/b".to_owned()]);
        assert_eq!(all.text(&json!({"a": "", "b": 7})).as_deref(), Some("7"));
        assert_eq!(all.text(&json!({"a": {}, "b": true})), None);
    }
}
