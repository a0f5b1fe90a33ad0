//! What a run showed, once all its lines are in.

use super::Block;
use crate::evidence::Citation;
use crate::readers::console::Line;
use crate::readers::klist::asked::Verb;
use crate::readers::klist::lines::Call;
use crate::readers::klist::{Cache, Flavour, GetResult, KlistRun, Shown, Tgt};

impl<'a> Block<'a> {
    /// Ends the run. The lines are tickets that could not be read.
    pub(crate) fn finish(mut self) -> (Vec<KlistRun>, Vec<Line<'a>>) {
        self.leave();
        let Some(from) = self.origin.echo.clone().or_else(|| self.first.clone()) else {
            return (Vec::new(), self.broken);
        };
        let mut shown = Vec::new();
        let session = self.targeted.clone().or_else(|| self.logon.clone());
        let asked_spn = match &self.origin.verb {
            Some(Verb::Get(spn)) => Some(spn.clone()),
            _ => None,
        };
        if let Some((failure, call, at)) = self.failure.take() {
            shown.push(match (&self.origin.verb, call) {
                (Some(Verb::Get(_)), _) | (None, Some(Call::Ticket)) => Shown::Get(GetResult {
                    logon_id: session.clone(),
                    spn: asked_spn.flatten(),
                    result: Err(failure),
                    from: at,
                }),
                (Some(Verb::Tgt), _) | (None, Some(Call::Tgt)) => Shown::Tgt(Tgt {
                    client: None,
                    domain: None,
                    time_skew_seconds: None,
                    failure: Some(failure),
                    from: at,
                }),
                _ => Shown::Failed(failure),
            });
        } else if let Some((spn, english, at)) = self.got.take() {
            // In a language that is not known, the cache that follows is what tells success from prose.
            if english || self.announced.is_some() {
                shown.push(Shown::Get(GetResult {
                    logon_id: session.clone(),
                    spn: spn.or(asked_spn.flatten()),
                    result: Ok(()),
                    from: at,
                }));
            }
        }
        if self.changed {
            shown.push(Shown::Changed);
        }
        if !self.sessions.is_empty() {
            shown.push(Shown::Sessions(std::mem::take(&mut self.sessions)));
        }
        shown.extend(self.tgt.take().map(Shown::Tgt));
        shown.extend(self.bindings.take().map(Shown::Bindings));
        let bare_cache = shown.is_empty()
            && self.logon.is_some()
            && matches!(self.origin.verb, None | Some(Verb::Tickets));
        if self.announced.is_some() || !self.tickets.is_empty() || bare_cache {
            shown.push(Shown::Cache(self.cache(&from)));
        }
        if shown.is_empty() && (self.origin.echo.is_some() || self.logon.is_some()) {
            shown.push(Shown::NotCaptured);
        }
        let host = self.origin.host;
        let runs = shown
            .into_iter()
            .map(|shown| KlistRun {
                flavour: Flavour::Windows,
                shown,
                from: from.clone(),
                host: host.clone(),
            })
            .collect();
        (runs, self.broken)
    }

    fn cache(&mut self, from: &Citation) -> Cache {
        let tickets = std::mem::take(&mut self.tickets);
        let announced = self.announced.take();
        let listed = u64::try_from(tickets.len()).unwrap_or(u64::MAX);
        Cache {
            logon_id: self.logon.take(),
            targeted_logon_id: self.targeted.take(),
            principal: None,
            announced: announced.as_ref().map(|(count, _)| *count),
            complete: !self.origin.filtered
                && announced
                    .as_ref()
                    .is_some_and(|(count, _)| *count == listed),
            from: announced.map_or_else(|| from.clone(), |(_, at)| at),
            tickets,
        }
    }
}
