"""The Rust sources as far as the proof of rights needs them: functions, types, and who calls what.

Built on a parser of Rust (tree-sitter), not on a compiler: types are followed by their names, through
parameters, fields, `let` and return types. Where that leaves a doubt, a call counts as made.
"""

import dataclasses
import functools
import pathlib
import re
import tomllib

import tree_sitter
import tree_sitter_rust

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
# Methods that answer what they were called on, or something around or inside it.
SAME_TYPE = {"as_mut", "as_ref", "borrow", "clone", "get_or_insert_with", "ok_or", "to_owned", "unwrap_or_default"}
# Where a parameter of a type says what it is: `<S: Source>`, `where S: Source`.
BOUND = ("type_parameter", "constrained_type_parameter", "where_predicate")
# A client of the web, and what it sends.
WEB = {"reqwest::Client": "web", "reqwest::RequestBuilder": "web request"}
# What stands beside the types in the list of a structure whose fields have no names.
UNTYPED = {"visibility_modifier", "attribute_item", "line_comment", "block_comment"}


def text(node):
    """The source text of a node; empty for none."""
    return node.text.decode() if node is not None else ""


def every(node, *kinds):
    """Every node of these kinds in a tree, itself included. Arguments of macros are read as Rust."""
    if node.type in kinds:
        yield node
    for child in node.children:
        yield from every(child, *kinds)
    if node.type == "macro_invocation":
        arguments = text(node.children[-1])[1:-1]
        inner = PARSER.parse(f"fn arguments() {{ f({arguments}); }}".encode()).root_node
        yield from every(inner.child(0).child_by_field_name("body"), *kinds)


@dataclasses.dataclass(frozen=True)
class Function:
    """One function or method: whose it is (a type, or None), its name and where it stands."""

    owner: str | None
    name: str
    file: "File"
    node: tree_sitter.Node

    def __str__(self):
        return f"{self.owner}::{self.name}" if self.owner else f"{self.file.module}::{self.name}"

    def place(self, node):
        """Where a node of this function is, for people."""
        return f"{self.file.path}:{node.start_point.row + 1}"

    @functools.cached_property
    def calls(self):
        """Every call in it."""
        return list(every(self.node, "call_expression"))

    @functools.cached_property
    def literals(self):
        """Every text in it."""
        return list(every(self.node, "string_literal", "raw_string_literal"))

    @functools.cached_property
    def parameters(self):
        """The types of the parameters, by name."""
        found = {}
        for parameter in self.node.child_by_field_name("parameters").named_children:
            if parameter.type == "parameter":
                types = self.file.types_in(parameter.child_by_field_name("type"), self.owner)
                for name in every(parameter.child_by_field_name("pattern"), "identifier"):
                    found[text(name)] = types
        return found

    @functools.cached_property
    def answers(self):
        """The types named in what it returns."""
        node = self.node.child_by_field_name("return_type")
        return self.file.types_in(node, self.owner) if node else frozenset()


class File:
    """One source file: what it imports, and what it declares."""

    def __init__(self, path, source, module):
        self.path, self.module = path, module
        self.imports, self.functions, self.fields, self.constants = {}, [], {}, {}
        # Which types implement a trait here, and which traits a parameter of a type (`S: Source`) has.
        self.implementing, self.bounds = {}, {}
        root = PARSER.parse(source).root_node
        self.names = {text(named) for named in every(root, "type_identifier", "identifier")}
        self._read_bounds(root)
        self._read_imports(root)
        self._read_items(root, None)

    def _read_imports(self, root):
        for use in every(root, "use_declaration"):
            self._import("", use.child_by_field_name("argument"))

    def _import(self, prefix, node):
        path = lambda inner: f"{prefix}::{text(inner)}".removeprefix("::")
        if node.type == "scoped_use_list":
            inner = path(node.child_by_field_name("path"))
            for item in node.child_by_field_name("list").named_children:
                self._import(inner, item)
        elif node.type == "use_list":
            for item in node.named_children:
                self._import(prefix, item)
        elif node.type == "use_as_clause":
            self.imports[text(node.child_by_field_name("alias"))] = path(node.child_by_field_name("path"))
        elif node.type in ("scoped_identifier", "identifier", "self"):
            full = path(node).removesuffix("::self")
            self.imports[full.split("::")[-1]] = full

    def _read_bounds(self, root):
        for parameter in every(root, *BOUND):
            named = parameter.child_by_field_name("name") or parameter.child_by_field_name("left")
            for bound in every(parameter.child_by_field_name("bounds") or named, "type_identifier"):
                self.bounds.setdefault(text(named), set()).add(text(bound))

    def _read_items(self, node, owner):
        is_test = False
        for item in node.named_children:
            if item.type == "attribute_item":
                is_test = is_test or "cfg(test)" in text(item).replace(" ", "")
                continue
            if item.type in ("line_comment", "block_comment"):
                continue
            if not is_test:
                self._read_item(item, owner)
            is_test = False

    def _read_item(self, item, owner):
        body = item.child_by_field_name("body")
        if item.type == "function_item":
            self.functions.append(Function(owner, text(item.child_by_field_name("name")), self, item))
        elif item.type in ("impl_item", "trait_item") and body:
            named = item.child_by_field_name("type") or item.child_by_field_name("name")
            owner = text(next(every(named, "type_identifier"), named))
            for implemented in every(item.child_by_field_name("trait") or named, "type_identifier"):
                if item.child_by_field_name("trait"):
                    self.implementing.setdefault(text(implemented), set()).add(owner)
            self._read_items(body, owner)
        elif item.type == "mod_item" and body:
            self._read_items(body, owner)
        elif item.type == "struct_item" and body and body.type == "field_declaration_list":
            self.fields[text(item.child_by_field_name("name"))] = {
                text(field.child_by_field_name("name")): field.child_by_field_name("type")
                for field in body.named_children
                if field.type == "field_declaration"
            }
        elif item.type == "struct_item" and body and body.type == "ordered_field_declaration_list":
            types = [field for field in body.named_children if field.type not in UNTYPED]
            self.fields[text(item.child_by_field_name("name"))] = {str(n): type_ for n, type_ in enumerate(types)}
        elif item.type == "const_item":
            value = item.child_by_field_name("value")
            if value is not None and value.type == "string_literal":
                self.constants[text(item.child_by_field_name("name"))] = text(value).strip('"')

    def full(self, path):
        """A path with its first segment replaced by what the file imports under that name."""
        first, *rest = path.split("::")
        return "::".join([self.imports.get(first, first), *rest])

    def types_in(self, node, owner):
        """The names of all types in a type, as `sdk:SERVICE` for a client and `request` for a request
        of the SDK."""
        found = set()
        for named in every(node, "type_identifier", "scoped_type_identifier"):
            if named.type == "type_identifier" and named.parent.type == "scoped_type_identifier":
                continue
            found.add(self.type_named(text(named), owner))
        return frozenset(found)

    def type_named(self, path, owner):
        """The name of one type."""
        if path == "Self":
            return owner
        full = self.full(path.split("<")[0])
        if sdk := re.match(r"aws_sdk_(\w+)::", full):
            name = full.split("::")[-1]
            if name == "Client":
                return f"sdk:{sdk[1]}"
            return "request" if name.endswith("FluentBuilder") else full
        # What is sent with these goes to servers of other people, and to no service of AWS.
        return WEB.get(full, full.split("::")[-1])


class Program:
    """A function of the template with the libraries it is made of, as far as they may call AWS."""

    def __init__(self, root, crate):
        self.root = pathlib.Path(root)
        folders = crates_of(self.root, crate)
        self.files = [file for folder in folders for file in read_crate(self.root, folder)]
        self.own = [file for file in self.files if file.path.startswith(f"{folders[0]}/")]
        self.elsewhere = crates_not_read(self.root, folders)
        self.functions, self.fields, self.constants = {}, {}, {}
        for file in self.files:
            self.constants.update(file.constants)
            for function in file.functions:
                self.functions.setdefault((function.owner, function.name), []).append(function)
            for owner, fields in file.fields.items():
                for name, node in fields.items():
                    types = self.fields.setdefault((owner, name), set())
                    types.update(file.types_in(node, owner))
        self.by_field = {}
        for (_, name), types in self.fields.items():
            self.by_field.setdefault(name, set()).update(types)

    def roots(self):
        """Every function of the crate itself: what nothing calls, the compiler refuses."""
        return [function for file in self.own for function in file.functions]

    def methods(self, kind, name, file):
        """The methods of a name that a type has. A parameter of a type may be whatever implements its traits, and is
        named anywhere but where it does so."""
        owners = {kind} | {
            owner
            for trait in file.bounds.get(kind, ())
            for other in self.files
            for owner in other.implementing.get(trait, ())
            if any(owner in elsewhere.names for elsewhere in self.files if elsewhere is not other or other in self.own)
        }
        return [function for owner in sorted(owners, key=str) for function in self.functions.get((owner, name), [])]

    @functools.lru_cache(maxsize=None)  # noqa: B019 - a program lives as long as its answers
    def variables(self, function):
        """The types of a function's parameters and variables, by name."""
        found = {name: set(types) for name, types in function.parameters.items()}
        for let in every(function.node, "let_declaration"):
            pattern, value = let.child_by_field_name("pattern"), let.child_by_field_name("value")
            if value is None:
                continue
            pairs = [(pattern, value)]
            if pattern.type == "tuple_pattern" and value.type == "tuple_expression":
                pairs = list(zip(pattern.named_children, value.named_children))
            for left, right in pairs:
                for name in every(left, "identifier"):
                    found.setdefault(text(name), set()).update(self.type_of(right, function, found))
        return found

    def type_of(self, node, function, variables):
        """The names of the types that an expression may have; empty where that is not known."""
        if node.type in ("await_expression", "try_expression", "reference_expression",
                         "parenthesized_expression", "unary_expression", "assignment_expression"):
            inner = node.child_by_field_name("value") or node.named_children[-1]
            if node.type in ("await_expression", "try_expression"):
                inner = node.named_children[0]
            return self.type_of(inner, function, variables)
        if node.type == "self":
            return {function.owner}
        if node.type == "identifier":
            # A variable taken out of a structure by pattern keeps the field's name.
            return variables.get(text(node)) or self.by_field.get(text(node), set())
        if node.type == "field_expression":
            owners = self.type_of(node.child_by_field_name("value"), function, variables)
            name = text(node.child_by_field_name("field"))
            known = [self.fields[owner, name] for owner in owners if (owner, name) in self.fields]
            return set().union(*known) if known else self.by_field.get(name, set())
        if node.type == "call_expression":
            return self._type_of_call(node, function, variables)
        if node.type == "struct_expression":
            return function.file.types_in(node.child_by_field_name("name"), function.owner)
        return set()

    def _type_of_call(self, node, function, variables):
        called = callee(node)
        if called.type == "field_expression":
            receiver = self.type_of(called.child_by_field_name("value"), function, variables)
            name = text(called.child_by_field_name("field"))
            if any(kind and kind.startswith("sdk:") for kind in receiver) or "request" in receiver:
                return {"request"}
            if {"web", "web request"} & receiver:
                return {"web request"}
            answers = [f.answers for owner in receiver for f in self.functions.get((owner, name), [])]
            return set().union(*answers) if answers else receiver if name in SAME_TYPE else set()
        path = text(called)
        owner, _, name = path.rpartition("::")
        made = function.file.type_named(owner, function.owner) if owner else None
        if made and made.startswith("sdk:") and name in ("new", "from_conf"):
            return {made}
        if made == "web":
            return {made}
        answers = [f.answers for f in self.resolve(called, function)]
        if answers:
            return set().union(*answers)
        if name == "clone" and node.child_by_field_name("arguments").named_children:
            return self.type_of(node.child_by_field_name("arguments").named_children[0], function, variables)
        # A closure that was handed in: what it answers is one of the types in its own.
        return set(function.parameters.get(path, ()))

    def resolve(self, node, function):
        """The functions that a path or a plain name may stand for."""
        path = text(node)
        owner, _, name = path.rpartition("::")
        if function.file.full(path).split("::")[0] in self.elsewhere:
            return []
        if owner:
            typed = self.functions.get((function.file.type_named(owner, function.owner), name), [])
            if typed or owner == "Self":
                return typed
            module = function.file.full(owner).split("::")[-1]
            free = self.functions.get((None, name), [])
            return [f for f in free if f.file.module == module] or ([] if module[:1].isupper() else free)
        free = self.functions.get((None, name), [])
        here = [f for f in free if f.file is function.file]
        if here:
            return here
        # Imported, or brought in through `use super::*`: whichever it is, it counts.
        return free if name in function.file.imports or "*" in function.file.imports else []


def callee(call):
    """What a call expression calls, without type arguments."""
    called = call.child_by_field_name("function")
    return called.child_by_field_name("function") if called.type == "generic_function" else called


def read_crate(root, folder):
    """The files of a crate, tests left out."""
    for path in sorted((root / folder / "src").rglob("*.rs")):
        if path.stem != "tests" and "tests" not in path.relative_to(root).parts:
            module = path.parent.name if path.stem == "mod" else path.stem
            yield File(str(path.relative_to(root)), path.read_bytes(), module)


def crates_of(root, crate):
    """The folder of a crate and of every crate of the workspace in it that may call AWS."""
    workspace = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["dependencies"]
    found, waiting = [], [f"functions/{crate}"]
    while waiting:
        folder = waiting.pop(0)
        if folder in found:
            continue
        found.append(folder)
        for name in dependencies(root, folder):
            path = workspace.get(name, {}).get("path") if isinstance(workspace.get(name), dict) else None
            if path and calls_aws(root, path, workspace):
                waiting.append(path)
    return found


def crates_not_read(root, folders):
    """What crates depend on beside each other, as paths name it: nothing in there calls AWS."""
    named = lambda name: name.replace("-", "_")
    read = {named(tomllib.loads((root / folder / "Cargo.toml").read_text())["package"]["name"]) for folder in folders}
    return {named(name) for folder in folders for name in dependencies(root, folder)} - read


def dependencies(root, folder):
    """What a crate depends on outside its tests."""
    return tomllib.loads((root / folder / "Cargo.toml").read_text()).get("dependencies", {})


def calls_aws(root, folder, workspace):
    """Whether a crate, or one it is made of, has a client of AWS."""
    names = dependencies(root, folder)
    if any(name.startswith("aws-sdk-") for name in names):
        return True
    paths = [workspace[n]["path"] for n in names if isinstance(workspace.get(n), dict) and "path" in workspace[n]]
    return any(calls_aws(root, path, workspace) for path in paths)
