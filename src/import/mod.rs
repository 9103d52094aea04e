//! A deployment file becomes the draft of a scenario: nobody writes down again what the file already says. What a file does not
//! know (traffic, work) becomes a placeholder, and what a scenario cannot say is named in a note. A new kind of file is a
//! module with `recognises` and `read`, and a line in [`KINDS`].

mod aws;
mod azure;
mod cloud_run;
pub mod document;
pub mod draft;
mod fc;
pub mod literal;
pub mod merge;
pub mod notes;
pub mod policies;
pub mod references;
mod ros;
pub mod schedule;
mod serverless_devs;
mod serverless_framework;
pub mod table;
mod template;
mod terraform;
mod write;

use document::{Node, Place};
use draft::{Draft, Written};
use write::{Line, Text};

use crate::diagnostic::{Diagnostic, Severity};
use crate::platform::Platform;
use crate::scenario::{self, Files};

/// A kind of deployment file.
pub struct Kind {
    /// Its name, with an article.
    pub name: &'static str,
    /// Id of the platform that it deploys to.
    platform: &'static str,
    recognises: fn(&Node) -> bool,
    read: fn(&Node, &Options, &mut Draft),
}

/// All kinds, in the order in which they are tried: the more particular ones first.
#[rustfmt::skip]
pub static KINDS: &[Kind] = &[
    Kind { name: "a file of Serverless Devs", platform: "alibaba-fc", recognises: serverless_devs::recognises, read: serverless_devs::read },
    Kind { name: "a template of Alibaba Cloud (ROS or Fun)", platform: "alibaba-fc", recognises: ros::recognises, read: ros::read },
    Kind { name: "a template of AWS SAM", platform: "aws-lambda", recognises: aws::recognises_sam, read: aws::read },
    Kind { name: "a template of CloudFormation", platform: "aws-lambda", recognises: aws::recognises, read: aws::read },
    Kind { name: "a file of the Serverless Framework", platform: "aws-lambda", recognises: serverless_framework::recognises, read: serverless_framework::read },
    Kind { name: "a plan of Terraform", platform: "aws-lambda", recognises: terraform::recognises, read: terraform::read },
    Kind { name: "a service of Cloud Run", platform: "gcp-cloud-run", recognises: cloud_run::recognises, read: cloud_run::read },
    Kind { name: "a host.json of Azure Functions", platform: "azure-functions", recognises: azure::recognises_host, read: azure::host },
    Kind { name: "a function.json of Azure Functions", platform: "azure-functions", recognises: azure::recognises_function, read: azure::function },
];

/// What the user adds to the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Parameters and environment variables by name: later ones win.
    pub parameters: Vec<(String, String)>,
    /// The platform to import, where a file is for several, or does not say which: its id.
    pub platform: Option<String>,
}

impl Options {
    /// The value of a parameter, if it was given.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A scenario made from a deployment file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario, with comments.
    pub text: String,
    /// Kind of the file, with an article.
    pub kind: &'static str,
    /// What could not be read, and what was not carried over.
    pub findings: Vec<Diagnostic>,
    /// What was read: settings by function.
    pub draft: Draft,
    /// For each line of `text`, the place in the deployment file that it is from.
    places: Vec<Option<Place>>,
}

impl Imported {
    /// The place in the deployment file that a line of the scenario is from; lines count from 1.
    #[must_use]
    pub fn place(&self, line: usize) -> Option<Place> {
        self.places.get(line.checked_sub(1)?).copied().flatten()
    }
}

/// The kind of a file, if it is one that is known.
#[must_use]
pub fn detect(root: &Node) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.recognises)(root))
}

/// Makes a scenario from the text of a deployment file. `file` is its name for messages.
///
/// # Errors
/// What is wrong with the file as such; what is merely not understood is a finding of [`Imported`].
pub fn import(text: &str, file: &str, options: &Options) -> Result<Imported, Vec<Diagnostic>> {
    if let Some(id) = options.platform.as_deref()
        && !Platform::ids().any(|known| known == id)
    {
        let known: Vec<&str> = Platform::ids().collect();
        let finding = Diagnostic::error("unknown-name", "--platform", format!("there is no platform `{}`", literal::cut(id, 40)));
        return Err(vec![finding.hint(format!("Known are: {}.", known.join(", ")))]);
    }
    if terraform::is_configuration(text) {
        return Err(vec![terraform::configuration(file)]);
    }
    let root = document::read(text, file)?;
    let Some(kind) = detect(&root) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let finding = Diagnostic::error("unknown-kind", "", "no deployment file that is known").at(file, root.place.line);
        return Err(vec![finding.hint(format!("Known are: {}.", known.join("; ")))]);
    };
    let mut draft = Draft::new(kind.platform);
    (kind.read)(&root, options, &mut draft);
    if draft.notes.failed() {
        return Err(draft.notes.finish(file));
    }
    if let Some(asked) = options.platform.as_deref().filter(|asked| *asked != draft.platform) {
        let message = format!("the file is for {}, not for {asked}", draft.platform);
        draft.notes.warn(root.place, "", message, "Change `platform` in the scenario to see what it would be there.");
    }
    if draft.functions.is_empty() {
        let mut findings = draft.notes.finish(file);
        let finding = Diagnostic::error("no-functions", "", format!("this is {}, but it has no functions", kind.name));
        findings.push(finding.at(file, root.place.line).hint("Import the file that has them."));
        return Err(findings);
    }
    let written = settle(&mut draft, kind, file)?;
    let places = written.lines.iter().map(|(_, origin)| origin.as_ref().map(|origin| origin.place)).collect();
    Ok(Imported { text: written.text, kind: kind.name, findings: draft.notes.finish(file), draft, places })
}

/// A scenario made here names no files.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("a scenario from a deployment file names none".to_owned())
    }
}

/// Refusing a value can bring the next one to light, so the text is read more than once.
const ROUNDS: usize = 12;

/// Writes the draft and reads it back: what the scenario refuses, such as a memory beyond the platform's limit, is taken out,
/// and said.
fn settle(draft: &mut Draft, kind: &Kind, file: &str) -> Result<Text, Vec<Diagnostic>> {
    let mut last = Vec::new();
    for _ in 0..ROUNDS {
        let written = write::text(draft, kind.name, file);
        let Err(found) = scenario::read(&written.text, file, &[], &NoFiles) else { return Ok(written) };
        let mut refused = false;
        for error in found.iter().filter(|finding| finding.severity == Severity::Error) {
            refused |= refuse(draft, &written, error);
        }
        last = found;
        if !refused {
            break;
        }
    }
    let mut findings = draft.notes.finish(file);
    findings.extend(last.into_iter().map(|finding| finding.at(file, 0).column(0)));
    Err(findings)
}

/// How findings about refused settings begin.
pub const LEFT_OUT: &str = "left out of the scenario: ";

/// Takes out what an error is about; whether there was anything left to take out.
fn refuse(draft: &mut Draft, written: &Text, error: &Diagnostic) -> bool {
    let Some((line, origin)) = error.line.checked_sub(1).and_then(|line| written.lines.get(line)) else { return false };
    let (line, origin) = (*line, origin.clone().unwrap_or_default());
    let why = error.message.clone();
    let place = match line {
        Line::Top(index) => draft.settings.get_mut(index).map(|setting| &mut setting.refused),
        Line::Setting(function, index) => {
            draft.functions.get_mut(function).and_then(|f| f.settings.get_mut(index)).map(|setting| &mut setting.refused)
        }
        Line::Function(index) | Line::Traffic(index) => draft.functions.get_mut(index).map(|function| &mut function.refused),
        Line::Other => None,
    };
    let Some(place) = place.filter(|place| place.is_none()) else { return false };
    *place = Some(why.clone());
    let mut finding = Diagnostic::warning("refused", &origin.path, format!("{LEFT_OUT}{why}"));
    finding.hints.clone_from(&error.hints);
    draft.notes.add(origin.place, finding);
    true
}

/// How many settings of a draft its scenario has: lines of functions that are not placeholders, an element of a list each.
#[must_use]
pub fn settings(draft: &Draft) -> usize {
    let count = |value: &Written| match value {
        Written::Value(_) => 1,
        Written::Items(items) => items.len().max(1),
    };
    let own = draft.functions.iter().filter(|function| function.refused.is_none()).flat_map(|function| &function.settings);
    own.chain(&draft.settings).filter(|setting| setting.refused.is_none()).map(|setting| count(&setting.value)).sum()
}
