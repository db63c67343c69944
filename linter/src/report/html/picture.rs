//! The access map: principals on the left, secrets on the right, and a line for what the plan lets one do with the other. What is dangerous
//! is told by colour, by the pattern of the line and by a symbol with a word, so that it is seen on paper and by everybody; below the picture
//! the same stands as a table.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::report::access::{AccessMap, Edge, Node, NodeKind};
use crate::report::human::counted;

/// Most nodes on each side. Twice as many are about as many as can be told apart.
const MOST_NODES: usize = 30;

/// Up to this many lines each has its words on it; beyond, only those that are marked, and beyond that the words are left to the table.
const MOST_TAGS: usize = 36;

/// Most rows of the table: of a plan with thousands of grants the picture groups, and the facts list.
const MOST_ROWS: usize = 500;

const WIDTH: usize = 1160;
const NODE_WIDTH: usize = 330;
const NODE_HEIGHT: usize = 42;
const ROW: usize = 56;
const TOP: usize = 40;
const MARGIN: usize = 14;
const LEFT_EDGE: usize = MARGIN + NODE_WIDTH;
const RIGHT_EDGE: usize = WIDTH - MARGIN - NODE_WIDTH;
/// Width of a character of a tag, which has a font of one width.
const TAG_CHARACTER: usize = 7;

/// The picture of one plan's access, with its legend and its table.
pub(super) fn section(map: &AccessMap, plan: Option<&str>) -> Markup {
    let drawn = map.grouped(MOST_NODES);
    let is_grouped = drawn != *map;
    html! {
        section class="access" aria-label="Access map" {
            h2 {
                "Who may read what"
                @if let Some(plan) = plan { ": " (plan) }
            }
            @if map.is_empty() {
                p { "The plan has no secret and grants nothing." }
            } @else {
                p { (in_words(map)) }
                @if is_grouped {
                    p class="grouped" {
                        b { "Drawn in groups: " }
                        (counted(map.principals.len(), "principal")) " and " (counted(map.secrets.len(), "secret"))
                        " are too many to tell apart. The table lists them one by one."
                    }
                }
                (legend())
                div class="picture" tabindex="0" role="group" aria-label="Picture of the access map; the table below says the same" { (svg(&drawn)) }
                (table(map))
            }
        }
    }
}

fn in_words(map: &AccessMap) -> String {
    let secrets = map.secrets.iter().filter(|node| node.kind == NodeKind::Secret).count();
    let reached: HashSet<usize> = map.edges.iter().map(|edge| edge.secret).collect();
    let alone = map
        .secrets
        .iter()
        .enumerate()
        .filter(|(index, node)| node.kind == NodeKind::Secret && !reached.contains(index))
        .count();
    let wildcards = map.edges.iter().filter(|edge| edge.wildcard).count();
    let cross = map.edges.iter().filter(|edge| edge.cross_account).count();
    let others = map.secrets.len() - secrets;
    let mut words = counted(secrets, "secret") + " of this plan";
    if others > 0 {
        words.push_str(&format!(
            " and {} that grants name: secrets elsewhere, patterns, keys",
            counted(others, "other")
        ));
    }
    words.push_str(&format!(
        ". {}: {wildcards} by wildcard, {cross} from another account.",
        counted(map.edges.len(), "access relation")
    ));
    if alone > 0 {
        words.push_str(&format!(" This plan grants nobody access to {}.", counted(alone, "secret")));
    }
    if map.denials > 0 {
        words.push_str(&format!(" {} not drawn.", counted(map.denials, "denying statement")));
    }
    words
}

fn legend() -> Markup {
    let line = "M2 8 H42";
    html! {
        ul class="legend" aria-hidden="true" {
            li { svg viewBox="0 0 44 16" { g class="edge" { path class="line" d=(line) {} } } "access" }
            li { svg viewBox="0 0 44 16" { g class="edge wildcard" { path class="line" d=(line) {} (symbol_wildcard(22, 8)) } } "wildcard: anybody, or every secret that fits" }
            li { svg viewBox="0 0 44 16" { g class="edge cross" { path class="line" d=(line) {} (symbol_cross(22, 8)) } } "from another account" }
            li { svg viewBox="0 0 44 16" { g class="node pattern" { rect x="8" y="2" width="28" height="12" rx="3" {} } } "not one secret but all that fit" }
            li { svg viewBox="0 0 44 16" { g class="node elsewhere" { rect x="8" y="2" width="28" height="12" rx="3" {} } } "not in this plan, or decided at apply" }
        }
    }
}

fn svg(map: &AccessMap) -> Markup {
    let left = order_of_principals(map);
    let right = order_of_secrets(map, &left);
    let rows = left.len().max(right.len());
    let height = TOP + rows * ROW + MARGIN;
    let left_places = places(&left, rows);
    let right_places = places(&right, rows);
    let tags = tags(map, &left_places, &right_places);
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-labelledby="map-title map-description" {
            title id="map-title" { "Access map" }
            desc id="map-description" { (in_words(map)) }
            text class="side" x=(MARGIN) y="24" { "PRINCIPALS" }
            text class="side" x=(RIGHT_EDGE) y="24" { "SECRETS" }
            @for (edge, tag) in in_order_of_drawing(map, &tags) {
                (draw_edge(map, edge, left_places[edge.principal], right_places[edge.secret], tag))
            }
            @for (index, node) in map.principals.iter().enumerate() { (draw_node(node, MARGIN, left_places[index])) }
            @for (index, node) in map.secrets.iter().enumerate() { (draw_node(node, RIGHT_EDGE, right_places[index])) }
        }
    }
}

/// What is marked last, so that nothing hides it.
fn in_order_of_drawing<'a>(map: &'a AccessMap, tags: &'a [Option<Tag>]) -> Vec<(&'a Edge, Option<&'a Tag>)> {
    let mut edges: Vec<_> = map.edges.iter().zip(tags.iter().map(Option::as_ref)).collect();
    edges.sort_by_key(|(edge, _)| (edge.wildcard, edge.cross_account));
    edges
}

/// Wildcards first, where one looks first; then by name.
fn order_of_principals(map: &AccessMap) -> Vec<usize> {
    let mut order: Vec<usize> = (0..map.principals.len()).collect();
    order.sort_by_key(|index| (map.principals[*index].kind, map.principals[*index].name.clone()));
    order
}

/// Each secret near the middle of those that reach it, which keeps lines from crossing; those that nobody reaches last.
fn order_of_secrets(map: &AccessMap, left: &[usize]) -> Vec<usize> {
    let mut rank = vec![0; map.principals.len()];
    for (row, index) in left.iter().enumerate() {
        rank[*index] = row;
    }
    let middle = |secret: usize| {
        let rows: Vec<usize> =
            map.edges.iter().filter(|edge| edge.secret == secret).map(|edge| rank[edge.principal]).collect();
        // In thousandths of a row, so that whole numbers can be compared.
        if rows.is_empty() { usize::MAX } else { rows.iter().sum::<usize>() * 1000 / rows.len() }
    };
    let mut order: Vec<usize> = (0..map.secrets.len()).collect();
    order.sort_by_key(|index| (middle(*index), map.secrets[*index].name.clone()));
    order
}

/// The top of each node, by index of the node. The shorter side is in the middle of the longer one.
fn places(order: &[usize], rows: usize) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    let shift = (rows - order.len()) * ROW / 2;
    for (row, index) in order.iter().enumerate() {
        places[*index] = TOP + shift + row * ROW;
    }
    places
}

fn draw_node(node: &Node, x: usize, y: usize) -> Markup {
    let (left, right, bottom, middle) = (x, x + NODE_WIDTH, y + NODE_HEIGHT, y + NODE_HEIGHT / 2);
    let home = node.home.as_deref().unwrap_or_default();
    html! {
        g class={ "node " (class_of(node.kind)) } {
            title { (node.name) @if !home.is_empty() { " (" (home) ")" } }
            @if node.kind == NodeKind::Anybody {
                path d={ "M" (left + 12) " " (y) " H" (right - 12) " L" (right) " " (middle) " L" (right - 12) " " (bottom) " H" (left + 12) " L" (left) " " (middle) " Z" } {}
            } @else {
                rect x=(x) y=(y) width=(NODE_WIDTH) height=(NODE_HEIGHT) rx=(if is_secret(node.kind) { 4 } else { NODE_HEIGHT / 2 }) {}
            }
            @if home.is_empty() {
                text x=(x + 18) y=(middle + 4) { (shortened(&short_name(&node.name), 40)) }
            } @else {
                text x=(x + 18) y=(y + 18) { (shortened(&short_name(&node.name), 40)) }
                text class="home" x=(x + 18) y=(y + 34) { (shortened(home, 48)) }
            }
        }
    }
}

const fn is_secret(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Secret | NodeKind::Key | NodeKind::Elsewhere | NodeKind::Pattern)
}

const fn class_of(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Anybody => "anybody",
        NodeKind::Principal => "principal",
        NodeKind::Holder => "holder",
        NodeKind::Secret => "secret",
        NodeKind::Key => "key",
        NodeKind::Elsewhere => "elsewhere",
        NodeKind::Pattern => "pattern",
        NodeKind::Unknown => "unknown",
    }
}

/// The part of an ARN that tells it from others; the account stands in the line below, and all of it in the tooltip.
fn short_name(name: &str) -> String {
    match name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) {
        Some(rest) => rest.to_owned(),
        None if name == "*" => "* (all)".to_owned(),
        None => name.to_owned(),
    }
}

/// The beginning and the end, which tell names apart more often than the middle.
fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = most / 2;
    text.chars().take(most - tail - 1).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

/// The words on a line and where they stand: the middle of the tag.
struct Tag {
    words: String,
    x: usize,
    y: usize,
}

impl Tag {
    fn width(&self) -> usize {
        self.words.chars().count() * TAG_CHARACTER + 14
    }

    fn touches(&self, other: &Self) -> bool {
        self.y.abs_diff(other.y) < 22
            && self.x.abs_diff(other.x) < usize::midpoint(self.width(), other.width()) + 24
    }
}

/// A tag for each edge, none on top of another as far as there is room.
fn tags(map: &AccessMap, left: &[usize], right: &[usize]) -> Vec<Option<Tag>> {
    let marked = map.edges.iter().filter(|edge| edge.wildcard || edge.cross_account).count();
    let is_tagged = |edge: &Edge| {
        map.edges.len() <= MOST_TAGS || (marked <= MOST_TAGS && (edge.wildcard || edge.cross_account))
    };
    let mut placed: Vec<Option<Tag>> = map.edges.iter().map(|_| None).collect();
    let mut order: Vec<usize> = (0..map.edges.len()).filter(|index| is_tagged(&map.edges[*index])).collect();
    // The longest have the fewest places.
    order.sort_by_key(|index| std::cmp::Reverse(words(&map.edges[*index]).len()));
    for index in order {
        let edge = &map.edges[index];
        let at = |percent| {
            let (x, y) = point(center(left[edge.principal]), center(right[edge.secret]), percent);
            Tag { words: words(edge), x, y }
        };
        // Percent of the way from left to right, the middle first.
        let tries = [50, 42, 58, 34, 66, 28, 72, 22, 78];
        let mut free = tries.into_iter().map(at);
        let free = free.find(|tag| !placed.iter().flatten().any(|other| tag.touches(other)));
        placed[index] = Some(free.unwrap_or_else(|| at(50)));
    }
    placed
}

fn words(edge: &Edge) -> String {
    let access: Vec<&str> = edge.access.iter().copied().collect();
    let mut words = match access.as_slice() {
        [] => "decided at apply".to_owned(),
        [_, _, _, _, ..] => "everything".to_owned(),
        some => some.join(", "),
    };
    if edge.conditional {
        words.push_str(" if…");
    }
    if edge.relations > 1 {
        words.push_str(&format!(" ×{}", edge.relations));
    }
    words
}

const fn center(top: usize) -> usize {
    top + NODE_HEIGHT / 2
}

/// A point of the line from the left node at height `from` to the right one at height `to`, `percent` of the way of the curve's parameter.
fn point(from: usize, to: usize, percent: usize) -> (usize, usize) {
    let (t, u) = (percent, 100 - percent);
    // A cubic with control points at the heights of its ends: u³·a + 3u²t·b + 3ut²·c + t³·d.
    let weights = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    let (near, far) = control_points();
    let mix = |points: [usize; 4]| {
        weights.iter().zip(points).map(|(weight, point)| weight * point).sum::<usize>() / 1_000_000
    };
    (mix([LEFT_EDGE, near, far, RIGHT_EDGE]), mix([from, from, to, to]))
}

const fn control_points() -> (usize, usize) {
    let pull = (RIGHT_EDGE - LEFT_EDGE) * 2 / 5;
    (LEFT_EDGE + pull, RIGHT_EDGE - pull)
}

fn draw_edge(map: &AccessMap, edge: &Edge, left: usize, right: usize, tag: Option<&Tag>) -> Markup {
    let (from, to) = (center(left), center(right));
    let (near, far) = control_points();
    let mut class = "edge".to_owned();
    for (is_so, name) in [(edge.wildcard, " wildcard"), (edge.cross_account, " cross")] {
        class.push_str(if is_so { name } else { "" });
    }
    let (x, y) = tag.map_or_else(|| point(from, to, 50), |tag| (tag.x, tag.y));
    let half = tag.map_or(0, |tag| tag.width() / 2);
    // The symbols stand in front of the words, or where the words would be.
    let symbols = x - half;
    html! {
        g class=(class) {
            title { (sentence(map, edge)) }
            path class="line" d={ "M" (LEFT_EDGE) " " (from) " C" (near) " " (from) " " (far) " " (to) " " (RIGHT_EDGE) " " (to) } {}
            @if let Some(tag) = tag {
                g class="tag" {
                    rect x=(x - half) y=(y - 10) width=(tag.width()) height="20" rx="10" {}
                    text x=(x) y=(y + 4) text-anchor="middle" { (tag.words) }
                }
            }
            @if edge.wildcard { (symbol_wildcard(symbols - 8, y)) }
            @if edge.cross_account { (symbol_cross(symbols - if edge.wildcard { 28 } else { 10 }, y)) }
        }
    }
}

/// A diamond.
fn symbol_wildcard(x: usize, y: usize) -> Markup {
    html! { path class="symbol wildcard" d={ "M" (x - 7) " " (y) " L" (x) " " (y - 7) " L" (x + 7) " " (y) " L" (x) " " (y + 7) " Z" } {} }
}

/// Two arrows, there and back.
fn symbol_cross(x: usize, y: usize) -> Markup {
    html! {
        path class="symbol cross" d={
            "M" (x - 8) " " (y - 3) " H" (x + 8) " M" (x + 4) " " (y - 7) " L" (x + 8) " " (y - 3)
            " M" (x + 8) " " (y + 3) " H" (x - 8) " M" (x - 4) " " (y + 7) " L" (x - 8) " " (y + 3)
        } {}
    }
}

fn sentence(map: &AccessMap, edge: &Edge) -> String {
    let mut marks = String::new();
    for (is_so, words) in [
        (edge.wildcard, " (wildcard)"),
        (edge.cross_account, " (another account)"),
        (edge.conditional, " (under conditions)"),
    ] {
        marks.push_str(if is_so { words } else { "" });
    }
    let origins: Vec<&str> = edge.origins.iter().map(String::as_str).take(4).collect();
    format!(
        "{} → {}: {}{marks}, by {}{}",
        map.principals[edge.principal].name,
        map.secrets[edge.secret].name,
        access_in_words(edge),
        origins.join(", "),
        if edge.origins.len() > origins.len() { " and others" } else { "" }
    )
}

fn access_in_words(edge: &Edge) -> String {
    if edge.access.is_empty() {
        return "decided at apply".to_owned();
    }
    edge.access.iter().copied().collect::<Vec<_>>().join(", ")
}

fn table(map: &AccessMap) -> Markup {
    html! {
        details {
            summary { "The same as a table" }
            div class="table" {
                table {
                    thead { tr { th scope="col" { "Principal" } th scope="col" { "Secret" } th scope="col" { "Access" } th scope="col" { "Marks" } th scope="col" { "Granted by" } } }
                    tbody {
                        @for edge in map.edges.iter().take(MOST_ROWS) {
                            tr {
                                td { code { (map.principals[edge.principal].name) } }
                                td { code { (map.secrets[edge.secret].name) } }
                                td { (access_in_words(edge)) }
                                td {
                                    @if edge.wildcard { span class="badge critical" { "wildcard" } " " }
                                    @if edge.cross_account { span class="badge high" { "another account" } " " }
                                    @if edge.conditional { span class="badge low" { "conditions" } }
                                }
                                td { @for origin in &edge.origins { code { (origin) } br; } }
                            }
                        }
                    }
                }
            }
            @if map.edges.len() > MOST_ROWS {
                p { (map.edges.len() - MOST_ROWS) " more rows are left out here; " code { "secretlint facts" } " lists every grant." }
            }
        }
    }
}
