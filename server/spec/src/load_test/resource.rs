//! ARM ids in a configuration.

/// The parts of a resource's ARM id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResourceId<'a> {
    pub(super) subscription: &'a str,
    pub(super) group: &'a str,
    /// `Microsoft.Compute/virtualMachines`, without the types of children.
    pub(super) kind: &'a str,
    /// The name of the resource, without those of children.
    pub(super) name: &'a str,
}

impl<'a> ResourceId<'a> {
    /// Reads `/subscriptions/{s}/resourceGroups/{g}/providers/{namespace}/{type}/{name}`, with or without children.
    pub(super) fn parse(id: &'a str) -> Option<Self> {
        let parts: Vec<&str> = id.split('/').collect();
        let [
            "",
            subscriptions,
            subscription,
            groups,
            group,
            providers,
            namespace,
            kind,
            name,
            rest @ ..,
        ] = parts.as_slice()
        else {
            return None;
        };
        let words = [
            (subscriptions, "subscriptions"),
            (groups, "resourceGroups"),
            (providers, "providers"),
        ];
        let is_spelled = words.iter().all(|(word, known)| word.eq_ignore_ascii_case(known));
        let is_sound = |part: &&str| {
            let is_odd = |c: char| c.is_control() || c.is_whitespace() || "?#\\%<>\"".contains(c);
            !part.is_empty() && !part.contains(is_odd)
        };
        let is_whole = parts[1..].iter().all(is_sound) && rest.len().is_multiple_of(2);
        if !is_spelled || !is_whole {
            return None;
        }
        // Both are parts of one text, with a slash between them.
        let start = parts[..6].iter().map(|part| part.len() + 1).sum::<usize>();
        let kind = id.get(start..start + namespace.len() + 1 + kind.len())?;
        Some(Self { subscription, group, kind, name })
    }
}

/// Whether an id is of a resource of this type: `Microsoft.Network/virtualNetworks/subnets`.
pub(super) fn is_of(id: &str, kind: &str) -> bool {
    if ResourceId::parse(id).is_none() {
        return false;
    }
    // After the provider's namespace, types and names alternate.
    let mut parts = id.split('/').skip(6);
    let namespace = parts.next().unwrap_or_default();
    let types: Vec<&str> = parts.step_by(2).collect();
    format!("{namespace}/{}", types.join("/")).eq_ignore_ascii_case(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_subscription_a_group_a_provider_and_a_name() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
        let read = ResourceId::parse(id).expect("an id");
        assert_eq!((read.subscription, read.group, read.name), ("s", "g", "v"));
        assert_eq!(read.kind, "Microsoft.Network/virtualNetworks");
        assert!(is_of(id, "microsoft.network/virtualNetworks/subnets"));
        assert!(!is_of(id, "Microsoft.Network/virtualNetworks"));
        for wrong in [
            "",
            "s/resourceGroups/g",
            "/subscriptions//resourceGroups/g/providers/a/b/c",
            "/subscriptions/s/resourceGroups/g/providers/a/b",
            "/subscriptions/s/resourceGroups/g/providers/a/b/c/d",
            "/subscriptions/s/resourceGroups/g/providers/a/b/c?x=1",
            "/subscriptions/s/groups/g/providers/a/b/c",
        ] {
            assert_eq!(ResourceId::parse(wrong), None, "{wrong}");
        }
    }
}
