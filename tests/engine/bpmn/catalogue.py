"""Every construct of BPMN 2.0 that could change what an executable process does: whether it runs here, and which model of
`constructs/` proves it. `docs/bpmn.md` is made of this."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["runs", "rewritten", "refused", "drawn"]


class Entry(NamedTuple):
    name: str
    status: Status
    """`rewritten`: to an equivalent before it runs. `drawn`: BPMN gives it no effect on a run, and it has none here."""
    said: str
    """What happens, or why not and what to do instead."""
    proof: str
    """Name of a row of `constructs/`, or of a refused model."""


ACTIVITIES = [
    Entry("Task (abstract)", "runs", "A token passes through.", "task: passed through"),
    Entry("Manual task", "runs", "A token passes through: BPMN does not follow it either.", "manual task: passed through"),
    Entry(
        "User task",
        "runs",
        "Waits in the inbox of its assignee or candidate groups; the form's values become variables.",
        "user task: waits for somebody, whose values become variables",
    ),
    Entry("Service task", "runs", "A job for the handler of its topic, with retries.", "service task: a job"),
    Entry("Service task without a topic", "refused", "Nobody would do it: give it a topic.", "work without topic"),
    Entry("Operation of a web service (`operationRef`)", "refused", "The topic of the panel says who does it.", "operation of a web service"),
    Entry("Send task", "runs", "A message leaves in the same transaction.", "send task with a message: it leaves, with its inputs"),
    Entry("Send task with a topic", "runs", "A job, for mail and the like.", "send task with a topic: a job"),
    Entry("Receive task", "runs", "Waits for one message.", "receive task with outputs: only their targets come out"),
    Entry(
        "Receive task that instantiates", "refused", "Use a message start event, which is the same.", "receive task that starts"
    ),
    Entry(
        "Business rule task", "runs", "A DMN decision of the same folder.", "business rule task: a decision of the same folder"
    ),
    Entry("Script task", "runs", "One FEEL expression; its value goes to one variable.", "script task: one FEEL expression"),
    Entry(
        "Script in another language", "refused", "Models hold no code: write FEEL, or a handler.", "script in another language"
    ),
    Entry("Sub-process, embedded", "runs", "A scope of variables of its own.", "sub-process: its own scope"),
    Entry("Sub-process with several starts, or one with an event", "refused", "A sub-process begins in one place, when it is reached.", "several starts of a sub-process"),
    Entry("Event sub-process", "runs", "See the table of events.", "event sub-process, message, interrupting: instead of all else"),
    Entry(
        "Event sub-process inside another",
        "runs",
        "Each waits as long as its own scope runs.",
        "event sub-process inside another; terminate inside ends that alone",
    ),
    Entry(
        "Event sub-process with flows, boundary events or a loop",
        "refused",
        "BPMN does not allow it.",
        "event sub-process in the flow",
    ),
    Entry("Transaction", "runs", "A sub-process that can be cancelled.", "transaction: a sub-process"),
    Entry("Transaction of another method than `##Compensate`", "refused", "It is undone by compensation.", "transaction of another method"),
    Entry("Ad hoc sub-process", "refused", "Who decides what is done, and when it is enough, is not in the model: use an inclusive gateway, or event sub-processes.", "ad hoc sub-process"),
    Entry("Call activity", "runs", "A called process of the same folder; flags and mappings say what goes in and out.", "call activity: the variables that its flags let in and out"),
    Entry("Call activity with BPMN's own `calledElement`", "runs", "The same.", "call activity in plain BPMN: the attribute `calledElement`"),
    Entry("Call of a global task, or of what is not there", "refused", "Put the process into the folder.", "call of a process that is not there"),
    Entry("Standard loop, tested after", "runs", "Again as long as its condition holds.", "standard loop, tested after: at least once, as long as its condition holds"),
    Entry("Standard loop, tested before", "runs", "Perhaps not even once.", "standard loop, tested before: not even once"),
    Entry("Standard loop with a maximum", "runs", "`loopMaximum` ends it.", "standard loop with a maximum"),
    Entry("Standard loop without condition and maximum", "refused", "It would never end.", "loop without end"),
    Entry("Multi-instance, parallel, over a list", "runs", "Results stand at the place of their item.", "parallel multi-instance: results by the item's place, whatever the order"),
    Entry("Multi-instance, sequential, over a list", "runs", "One after another, in the list's order.", "sequential multi-instance, enough after the second"),
    Entry("Multi-instance by number (`loopCardinality`)", "rewritten", "To a list of the numbers from 1.", "multi-instance by number, in parallel"),
    Entry("Multi-instance, sequential, by number", "rewritten", "To a list of the numbers from 1.", "multi-instance by number, one after another"),
    Entry("Multi-instance: completion condition", "runs", "The instances that are left are taken away.", "parallel multi-instance: enough ends the others"),
    Entry("Multi-instance over nothing", "runs", "Skipped; the result is an empty list.", "multi-instance over nothing: an empty result"),
    Entry("Multi-instance of a sub-process", "runs", "A boundary event takes all instances away.", "multi-instance of a sub-process, taken away by its boundary"),
    Entry("Multi-instance of a call activity", "runs", "Each instance is a called process.", "multi-instance of a call activity: each its own root scope"),
    Entry("Multi-instance that throws events (`behavior`)", "refused", "Throw the event inside the activity.", "multi-instance that throws events"),
    Entry("Multi-instance over BPMN's data items (`loopDataInputRef` …)", "refused", "Write the collection in the panel.", "data of multi-instance as BPMN writes it"),
    Entry("Loop of an event or gateway", "refused", "Only activities repeat.", "instances of an event"),
    Entry("`startQuantity`, `completionQuantity`", "refused", "Join with a parallel gateway; split with one.", "start quantity"),
    Entry("Activity for compensation", "runs", "Undoes the activity whose boundary an association leads from; may be a sub-process.", "compensation of a sub-process by its own handler, itself a sub-process"),
    Entry("Activity for compensation that nothing leads to, or with flows", "refused", "BPMN does not allow it.", "activity for compensation that nothing leads to"),
    Entry("Compensation of an activity that repeats", "refused", "Put it into a sub-process and compensate that.", "compensation of an activity that repeats"),
    Entry("Transaction with compensation", "runs", "Cancelled, it is undone, then left.", "transaction that is cancelled: what is done in it is undone, then its boundary goes on"),
]  # fmt: skip

GATEWAYS = [
    Entry("Exclusive gateway", "runs", "The first true flow, in the order of the file; else the default.", "exclusive: the first true flow of the file, then the merge"),
    Entry("Exclusive merge", "runs", "Each token passes through.", "exclusive: the first true flow of the file, then the merge"),
    Entry("Parallel gateway", "runs", "Joins when a token has come by every flow; a second one on the same flow waits for the next time.", "parallel: both branches, joined once"),
    Entry("Parallel gateway that joins and splits", "runs", "First the one, then the other.", "a parallel gateway that joins and splits at once"),
    Entry("Inclusive gateway", "runs", "Every true flow, else the default; joins when no other token can come (BPMN 2.0.2, table 13.3).", "inclusive: the branches that were taken, joined when no other can come"),
    Entry("Inclusive gateway that joins and splits", "runs", "First the one, then the other.", "an inclusive gateway that joins and splits at once"),
    Entry("Inclusive join with a token in a sub-process or called process", "runs", "It is waited for.", "inclusive join waits for a token inside a sub-process behind an exclusive gateway"),
    Entry("Event gateway", "runs", "The first event wins, the others stop waiting.", "event gateway: the first event wins"),
    Entry("Event gateway before a receive task", "runs", "It waits like a message event.", "event gateway: a receive task waits like a message event"),
    Entry("Event gateway before anything else", "refused", "Two or more events that wait follow it.", "event gateway before something else"),
    Entry("Event gateway that instantiates", "refused", "Use several message start events.", "event gateway that starts"),
    Entry("Parallel event gateway", "refused", "Use a parallel gateway before the events.", "parallel event gateway"),
    Entry("Complex gateway", "refused", "Its activation rule is a program: use inclusive gateways.", "complex gateway"),
    Entry("Choice without a default flow", "refused", "What nobody thought of would stop the matter. (Inclusive gateways: a warning.)", "choice without default"),
    Entry("Flow without a condition out of a choice", "refused", "Mark it as the default, or write its condition.", "flow without condition out of a choice"),
]  # fmt: skip

FLOWS = [
    Entry("Sequence flow", "runs", "A token goes along it.", "task: passed through"),
    Entry("Flow that is not immediate (`isImmediate`)", "refused", "BPMN forbids it where a process is executed.", "flow that is not immediate"),
    Entry("Flow into a start event, out of an end event, into a boundary event", "refused", "BPMN does not allow it.", "flow into a start event"),
    Entry("Expression in another language", "refused", "Expressions are FEEL; the default of the file (`expressionLanguage`) is not looked at.", "expression in another language"),
    Entry("Several flows out of an activity or event (implicit split)", "runs", "A token for each.", "two flows out of an activity split, two into one merge without waiting"),
    Entry("Several flows into an activity or event (implicit merge)", "runs", "Each token goes through by itself.", "two flows out of an activity split, two into one merge without waiting"),
    Entry("Conditional flow out of an activity", "rewritten", "To an inclusive gateway behind it.", "conditional flows out of an activity, with a default"),
    Entry("Default flow of an activity", "rewritten", "To the default of that gateway.", "conditional flows out of an activity, with a default"),
    Entry("Condition behind an event", "refused", "BPMN does not look at it: put a gateway there.", "condition behind an event"),
    Entry("Flow that crosses the border of a sub-process", "refused", "End the sub-process and go on behind it.", "flow across a border"),
    Entry("Element without incoming flow (implicit start)", "refused", "Draw the start event: readers should see where it begins.", "element that begins nowhere"),
    Entry("Element without outgoing flow (implicit end)", "refused", "Draw the end event.", "element that ends nowhere"),
]  # fmt: skip

_NO_KEY = "An instance needs a business key, and this event brings none: start it by a message, or from a handler (`ctx.start`)."

START, HANDLER, BESIDE, CATCH, BOUNDARY, BOUNDARY_BESIDE, THROW, END = POSITIONS = (
    "start of a process",
    "start of an event sub-process",
    "start of an event sub-process, non-interrupting",
    "intermediate, catching",
    "boundary",
    "boundary, non-interrupting",
    "intermediate, throwing",
    "end",
)

EVENTS: dict[str, dict[str, Entry]] = {
    "none": {
        START: Entry("", "runs", "Where a call activity and `start` begin.", "task: passed through"),
        THROW: Entry("", "runs", "A token passes through.", "message throw and message end: they leave"),
        END: Entry("", "runs", "The token ends.", "task: passed through"),
        CATCH: Entry("", "refused", "It would wait for nothing.", "catch event without an event"),
        BOUNDARY: Entry("", "refused", "It would wait for nothing.", "boundary without an event"),
        HANDLER: Entry("", "refused", "Nothing would start it.", "event sub-process without an event"),
    },
    "message": {
        START: Entry("", "runs", "Starts one instance for each business key.", "message start: one of several starts, with what the message brings"),
        HANDLER: Entry("", "runs", "Instead of all else in its scope.", "event sub-process, message, interrupting: instead of all else"),
        BESIDE: Entry("", "runs", "Beside it, for each message.", "event sub-process, message, non-interrupting: beside the work, again and again, and the scope waits for it"),
        CATCH: Entry("", "runs", "One message goes to one instance, by its correlation key.", "message: waits, and brings its variables"),
        BOUNDARY: Entry("", "runs", "Takes the activity away.", "boundary on a sub-process takes everything inside away"),
        BOUNDARY_BESIDE: Entry("", "runs", "For each message, as long as the activity runs.", "non-interrupting boundary message: again and again, beside the work"),
        THROW: Entry("", "runs", "Leaves in the same transaction, is delivered in its own.", "message throw and message end: they leave"),
        END: Entry("", "runs", "The same.", "message throw and message end: they leave"),
    },
    "timer": {
        START: Entry("", "refused", _NO_KEY, "timer start"),
        HANDLER: Entry("", "runs", "Set when the scope begins.", "event sub-process, timer, interrupting"),
        BESIDE: Entry("", "runs", "Once; a cycle as often as it says.", "event sub-process, cycle timer: as often as it says"),
        CATCH: Entry("", "runs", "Date, duration, or FEEL that gives one; evaluated once, on entry.", "intermediate timer"),
        BOUNDARY: Entry("", "runs", "Takes the activity away.", "interrupting boundary timer takes the work away"),
        BOUNDARY_BESIDE: Entry("", "runs", "Once; a cycle as often as it says.", "cycle timer: as often as it says"),
    },
    "signal": {
        START: Entry("", "refused", _NO_KEY, "signal start"),
        HANDLER: Entry("", "runs", "Instead of all else in its scope.", "event sub-process, signal, interrupting"),
        BESIDE: Entry("", "runs", "For each signal.", "event sub-process, signal, non-interrupting, in a sub-process: listens only while that runs"),
        CATCH: Entry("", "runs", "Heard if it listens when the signal is thrown.", "signal: all who listen hear it, whoever comes later does not"),
        BOUNDARY: Entry("", "runs", "Takes the activity away, even one that throws it.", "signal that interrupts the scope it is thrown in"),
        BOUNDARY_BESIDE: Entry("", "runs", "For each signal.", "signal end event: heard at the boundary of its own sub-process, beside what goes on"),
        THROW: Entry("", "runs", "Its own instance hears it at once, each other one in a transaction of its own.", "signal: all who listen hear it, whoever comes later does not"),
        END: Entry("", "runs", "The same, then the token ends.", "signal end event: heard at the boundary of its own sub-process, beside what goes on"),
    },
    "conditional": {
        START: Entry("", "refused", _NO_KEY, "conditional start"),
        HANDLER: Entry("", "runs", "When the variables make it true.", "event sub-process, condition, interrupting"),
        BESIDE: Entry("", "runs", "Each time that it becomes true.", "event sub-process, condition: when the variables make it true, again when they do so again"),
        CATCH: Entry("", "runs", "When it is or becomes true.", "conditional events: when the variables make them true"),
        BOUNDARY: Entry("", "runs", "Takes the activity away.", "interrupting boundary condition"),
        BOUNDARY_BESIDE: Entry("", "runs", "Each time that it becomes true.", "conditional events: when the variables make them true"),
    },
    "error": {
        HANDLER: Entry("", "runs", "Before any boundary further out; code and variables are its own.", "event sub-process, error of a job: its code and variables are the handler's own"),
        BOUNDARY: Entry("", "runs", "Of a handler, or of an end event inside; the code goes before the catch-all.", "error of a job: its own boundary, the code before the catch-all, variables only by output mappings"),
        END: Entry("", "runs", "Looks outward, across called processes; uncaught: an incident.", "error end event: caught on the called process's activity, across the sub-process"),
        BESIDE: Entry("", "refused", "An error always interrupts.", "error event sub-process that does not interrupt"),
        BOUNDARY_BESIDE: Entry("", "refused", "An error always interrupts.", "error that does not interrupt"),
        THROW: Entry("", "refused", "BPMN has none: use an end event.", "error thrown on the way"),
    },
    "escalation": {
        HANDLER: Entry("", "runs", "Instead of what throws it.", "event sub-process, escalation, interrupting: instead of what throws it"),
        BESIDE: Entry("", "runs", "Beside what throws it.", "event sub-process, escalation, non-interrupting: beside what throws it"),
        BOUNDARY: Entry("", "runs", "Takes the activity away.", "escalation end: an interrupting boundary takes the sub-process away"),
        BOUNDARY_BESIDE: Entry("", "runs", "Beside the activity.", "escalation: a non-interrupting boundary goes on beside"),
        THROW: Entry("", "runs", "Uncaught, it just goes on.", "escalation that nobody catches: goes on"),
        END: Entry("", "runs", "The same, then the token ends.", "escalation that nobody catches: goes on"),
    },
    "cancel": {
        BOUNDARY: Entry("", "runs", "On a transaction only.", "transaction that is cancelled: everything inside goes, its cancel boundary goes on"),
        END: Entry("", "runs", "Inside a transaction with a cancel boundary only.", "transaction that is cancelled: everything inside goes, its cancel boundary goes on"),
    },
    "compensation": {
        HANDLER: Entry("", "refused", "It would need the variables of a scope that has ended: compensate the sub-process at its boundary.", "compensation event sub-process"),
        BOUNDARY: Entry("", "runs", "Once the activity is done, it can be undone, once for each time.", "compensation of one activity, as often as it was done, and only once"),
        THROW: Entry("", "runs", "All that is done in the scope, or one activity, the last first; waits until it is undone.", "compensation of all that is done in the scope, the last first; what throws it waits"),
        END: Entry("", "runs", "The same, then the token ends.", "compensation of one activity, as often as it was done, and only once"),
    },
    "link": {
        CATCH: Entry("", "rewritten", "To a flow from the link that throws.", "link events"),
        THROW: Entry("", "rewritten", "To a flow to the link of the same name.", "link events"),
    },
    "terminate": {
        END: Entry("", "runs", "Ends its scope: the sub-process, or the instance.", "terminate ends its scope only"),
    },
}  # fmt: skip
"""Event definition → position → what becomes of it; what BPMN does not know is not here, but for what people draw."""

DETAILS = [
    Entry("Several event definitions in one event (multiple, parallel multiple)", "refused", "Use an event gateway, or one event after another.", "several events in one"),
    Entry("`eventDefinitionRef`", "rewritten", "The definition is copied to the event.", "event definition by reference: copied to the event"),
    Entry("Boundary event on something that is no activity", "refused", "BPMN does not allow it.", "boundary on a gateway"),
    Entry("Timer with a date and a duration, or a cycle", "refused", "One of them.", "two times of one timer"),
    Entry("Cycle of a timer that happens once: intermediate", "runs", "Its first time.", "intermediate timer with a cycle: its first time"),
    Entry("Cycle of a timer that happens once: interrupting boundary", "runs", "Its first time.", "interrupting boundary timer with a cycle: its first time"),
    Entry("One error or escalation that two events catch in the same place", "refused", "Nobody could say which.", "one error caught twice"),
    Entry("Message event with a topic", "runs", "A job sends it.", "message throw with a topic: a job"),
    Entry("Signal, error or escalation with a topic", "refused", "The job would throw nothing.", "signal with a topic"),
    Entry("Code of an error or escalation that is computed", "refused", "Codes are fixed, so that one can see who catches them.", "code that is computed"),
    Entry("What a start event of an event sub-process maps", "runs", "All that comes in of the payload.", "event sub-process: what its start event maps is all that comes in"),
    Entry("Error inside an error event sub-process", "runs", "Goes further out.", "event sub-process, error: one thrown inside the handler goes further out"),
    Entry("Cancel end without a cancel boundary", "refused", "Draw what follows at the transaction's boundary.", "cancel without a boundary"),
    Entry("Compensation inside a sub-process that has ended", "refused", "Its variables are gone: give the sub-process a compensation of its own.", "compensation inside a sub-process that has ended"),
    Entry("Compensation of an activity that has none", "refused", "Name an activity with a compensation boundary in the same scope.", "compensation of an activity that has none"),
    Entry("Compensation thrown in an event sub-process", "refused", "Nothing is done there.", "compensation from an event sub-process"),
    Entry("Compensation that is not waited for", "refused", "`waitForCompletion` is true in BPMN's default.", "compensation that is not waited for"),
    Entry("Link without a partner", "refused", "Two links have the same name in the same scope.", "link without partner"),
]  # fmt: skip

DATA = [
    Entry("Data object, data store, property, association", "drawn", "Variables live in scopes; mappings move them.", "lanes, data, text and groups are drawn and do nothing"),
    Entry("`ioSpecification`, data inputs and outputs", "refused", "They would move data: use input and output mappings.", "input and output specification"),
    Entry("Data inputs and outputs of the process", "refused", "The form of the start event, or the message, brings variables.", "data of the process"),
    Entry("Data association of an activity", "refused", "The same.", "data association"),
    Entry("Data association of an event", "refused", "The same.", "data association of an event"),
    Entry("Input and output mappings where they apply to nothing", "refused", "For example outputs of a gateway.", "outputs of a gateway"),
    Entry("Lane", "drawn", "The assignment says who; a warning if the lane says something else.", "lanes, data, text and groups are drawn and do nothing"),
    Entry("Performer, potential owner, rendering", "refused", "Use assignment and form of the panel.", "potential owner"),
    Entry("Text annotation, group, association", "drawn", "Notes for readers.", "lanes, data, text and groups are drawn and do nothing"),
    Entry("Pool, participant, message flow", "drawn", "Message events say what is sent; each executable process runs by itself.", "pools and message flows are drawn and do nothing"),
    Entry("Correlation key, correlation property", "refused", "Write the key into the message (Subscription).", "correlation property"),
    Entry("Choreography", "refused", "It is no process.", "choreography"),
    Entry("Auditing, monitoring, import, interface, item definition, category, conversation, multiplicity of a participant, global tasks that nothing calls, `isClosed`, `processType`, `gatewayDirection`, `implementation`", "drawn", "They describe; nothing follows from them.", "what only describes does nothing"),
    Entry("Element of the extension vocabulary that nothing here reads", "refused", "It would do something elsewhere. Those of other vocabularies are kept and do nothing.", "extension that nothing here reads"),
]  # fmt: skip

LISTS = {
    "Activities": ACTIVITIES,
    "Gateways": GATEWAYS,
    "Flows": FLOWS,
    "More about events": DETAILS,
    "Data, people, partners": DATA,
}


def entries() -> list[Entry]:
    """All of them."""
    return [
        *(entry for some in LISTS.values() for entry in some),
        *(e for row in EVENTS.values() for e in row.values()),
    ]
