//! Which function a request goes to.
//!
//! As in the API Gateway developer guide, "Work with routes for HTTP APIs": the most specific path wins, a
//! plain part before a variable before a greedy one; then a method before `ANY`; `$default` comes last.

use std::sync::Arc;

use http::Method;

use crate::http::percent_decode;
use crate::template::Route;

/// The routes of the API; clones share them.
#[derive(Debug, Clone)]
pub(super) struct Routes(Arc<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    key: String,
    method: Option<String>,
    parts: Vec<Part>,
    function: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Plain(String),
    Variable(String),
    Greedy(String),
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) route_key: String,
    pub(super) function: String,
    pub(super) path_parameters: Vec<(String, String)>,
}

impl Routes {
    pub(super) fn new(routes: &[Route]) -> Self {
        Self(Arc::new(routes.iter().map(entry).collect()))
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Target> {
        let matching = self.0.iter().filter_map(|entry| {
            let right_method = entry
                .method
                .as_ref()
                .is_none_or(|expected| expected == method.as_str());
            let parameters = entry.capture(path)?;
            right_method.then_some((entry, parameters))
        });
        let best = matching.min_by_key(|(entry, _)| (entry.rank(), entry.method.is_none()));
        best.map(|(entry, path_parameters)| Target {
            route_key: entry.key.clone(),
            function: entry.function.clone(),
            path_parameters,
        })
    }
}

fn entry(route: &Route) -> Entry {
    let (method, path) = route.key.split_once(' ').unwrap_or(("ANY", "/{$default+}"));
    let parts = path.split('/').skip(1).map(|part| {
        let variable = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        match variable.map(|name| (name, name.strip_suffix('+'))) {
            Some((_, Some(name))) => Part::Greedy(name.to_owned()),
            Some((name, None)) => Part::Variable(name.to_owned()),
            None => Part::Plain(part.to_owned()),
        }
    });
    Entry {
        key: route.key.clone(),
        method: (method != "ANY").then(|| method.to_owned()),
        parts: parts.collect(),
        function: route.function.clone(),
    }
}

impl Entry {
    /// Lower is more specific.
    fn rank(&self) -> Vec<u8> {
        let ranks = self.parts.iter().map(|part| match part {
            Part::Plain(_) => 0,
            Part::Variable(_) => 1,
            Part::Greedy(_) => 2,
        });
        // `$default` is less than any path.
        if self.key == "$default" {
            vec![3]
        } else {
            ranks.collect()
        }
    }

    /// The path's variables, or `None` when the path is another one.
    fn capture(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut parameters = Vec::new();
        let mut given = path.split('/').skip(1);
        for part in &self.parts {
            match part {
                Part::Plain(text) => {
                    if given.next()? != text {
                        return None;
                    }
                }
                Part::Variable(name) => {
                    let value = given.next().filter(|value| !value.is_empty())?;
                    parameters.push((name.clone(), percent_decode(value)));
                }
                Part::Greedy(name) => {
                    let rest: Vec<&str> = given.by_ref().collect();
                    if self.key == "$default" {
                        return Some(Vec::new());
                    }
                    if rest.is_empty() || rest == [""] {
                        return None;
                    }
                    parameters.push((name.clone(), percent_decode(&rest.join("/"))));
                }
            }
        }
        given.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_route_wins() {
        let keys = [
            "ANY /v1/{proxy+}",
            "GET /v1/{id}",
            "GET /v1/exports",
            "ANY /v1/exports",
            "GET /openapi.json",
        ];
        let route = |key: &&str| Route {
            key: (*key).to_owned(),
            function: (*key).to_owned(),
        };
        let routes = Routes::new(&keys.iter().map(route).collect::<Vec<_>>());
        let cases = [
            (Method::GET, "/v1/exports", Some("GET /v1/exports")),
            (Method::POST, "/v1/exports", Some("ANY /v1/exports")),
            (Method::GET, "/v1/x", Some("GET /v1/{id}")),
            (Method::DELETE, "/v1/x", Some("ANY /v1/{proxy+}")),
            (Method::GET, "/v1/a/b", Some("ANY /v1/{proxy+}")),
            (Method::GET, "/v1", None),
            (Method::GET, "/v1/", None),
            (Method::GET, "/openapi.json", Some("GET /openapi.json")),
            (Method::POST, "/openapi.json", None),
            (Method::GET, "/", None),
        ];
        for (method, path, expected) in cases {
            let found = routes.find(&method, path).map(|target| target.route_key);
            assert_eq!(found.as_deref(), expected, "{method} {path}");
        }
    }

    #[test]
    fn variables_are_decoded() {
        let routes = Routes::new(&[Route {
            key: "GET /o/{outlet}/{rest+}".into(),
            function: "F".into(),
        }]);
        let target = routes.find(&Method::GET, "/o/a%20b/c/d%2Fe").unwrap();
        let expected = [("outlet", "a b"), ("rest", "c/d/e")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(target.path_parameters, expected);
    }

    #[test]
    fn default_takes_what_is_left() {
        let routes = [("$default", "D"), ("GET /a", "A")];
        let routes = routes.map(|(key, function)| Route {
            key: key.into(),
            function: function.into(),
        });
        let routes = Routes::new(&routes);
        assert_eq!(routes.find(&Method::GET, "/a").unwrap().function, "A");
        assert_eq!(routes.find(&Method::PUT, "/x/y").unwrap().function, "D");
        assert_eq!(routes.find(&Method::GET, "/").unwrap().function, "D");
    }
}
