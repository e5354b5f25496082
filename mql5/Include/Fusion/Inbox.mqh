#ifndef FUSION_INBOX_MQH
#define FUSION_INBOX_MQH
// Orders as they come: journalled and flushed, then acknowledged; what is not understood is refused.

#include "Http.mqh"
#include "Lookup.mqh"

class Inbox
{
private:
    void Keep(const int at, const Terms &terms, const string raw, const string refusal)
    {
        Kept next;
        ZeroMemory(next);
        const bool was_never_sent = at >= 0 && g_journal.kept[at].end_kind == KIND_NEVER_SENT;
        const bool is_fresh = at < 0 || g_journal.kept[at].stage == STAGE_RECEIVED || was_never_sent;
        if(!is_fresh)
            next = g_journal.kept[at];
        else
            KeptClear(next);
        next.terms = terms;
        next.received_ms = is_fresh ? g_clock.Now() : next.received_ms;
        next.raw = raw;
        StringReplace(next.raw, "\t", " ");
        StringReplace(next.raw, "\n", " ");
        StringReplace(next.raw, "\r", " ");
        const bool adds_up = IsOneOf(terms.event, "entry|partial_exit");
        string kind = KIND_ACK;
        string message = "";
        if(refusal != "")
        {
            kind = KIND_REJECTED;
            message = refusal;
            next.stage = STAGE_CLOSED;
            g_notes.Tell("order " + IntegerToString(terms.id), refusal);
        }
        else if(!is_fresh || (adds_up && !g_lookups.IsOlderThanLease(terms.id, terms.fence)))
        {
            kind = next.stage == STAGE_CLOSED && next.end_kind != "" ? next.end_kind : KIND_UNKNOWN;
            message = "handed out again; it may have been sent before";
            next.stage = next.stage == STAGE_RECEIVED ? STAGE_LOOKUP : next.stage;
        }
        if(kind != KIND_ACK)
        {
            next.end_kind = kind;
            next.end_message = message;
        }
        g_journal.Begin();
        g_journal.Put(OrderRecord(next));
        g_journal.Put(StageRecord(next));
        g_journal.PutReport(kind, OrderMembers(next, 0, message));
        g_journal.Commit();
    }

public:
    // Takes a leased order: journalled and flushed, then acknowledged. False where not even its
    // number can be read.
    bool Receive(const int node)
    {
        Terms terms;
        ZeroMemory(terms);
        if(!TermsHeadRead(g_http.answer, node, terms))
            return false;
        const int at = g_journal.Find(terms.id);
        if(at >= 0 && g_journal.kept[at].terms.fence >= terms.fence)
            return true;
        string refusal = "";
        if(terms.needs_minor > EA_MINOR)
            refusal = "needs minor " + IntegerToString(terms.needs_minor) + "; this program reads "
                      + IntegerToString(EA_MINOR);
        else if(!TermsRead(g_http.answer, node, terms))
            refusal = "not readable: " + g_http.answer.Fault();
        g_http.answer.Forgive();
        Keep(at, terms, g_http.answer.Raw(node), refusal);
        return true;
    }
};

Inbox g_inbox;

#endif
