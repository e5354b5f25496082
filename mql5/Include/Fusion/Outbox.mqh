#ifndef FUSION_OUTBOX_MQH
#define FUSION_OUTBOX_MQH
// Reports on their way: told in order until the server has a verdict for each, gaps told again.

#include "Http.mqh"
#include "Orders.mqh"

#define REPORTS_A_CALL 40
#define GAP_MAX 20

class Outbox
{
private:
    string m_instance;
    string m_boot_nonce;
    int    m_a_call;      // reports of one call: fewer after one that the server did not take

    string ReportId(const long seq) const
    {
        return m_instance + "-" + IntegerToString(seq);
    }

    // Numbers that the server misses: told again. What it refused, or what was lost with a journal,
    // gets a notice under its number, so that no gap stays open and a person knows.
    void CloseGap(const long first, const long last)
    {
        g_journal.TellAgain(first, last);
        g_journal.Begin();
        for(long seq = first; seq <= last && seq < first + GAP_MAX && g_notes.ServerMinor() >= MINOR_OF_NOTICES; seq++)
        {
            const int at = g_journal.ReportFind(seq);
            if(at >= 0 && g_journal.reports[at].told != REFUSED)
                continue;
            JsonText json;
            json.Text("code", at >= 0 ? "report_refused" : "report_lost");
            json.Text("message", at >= 0 ? "report " + IntegerToString(seq) + " of kind " + g_journal.reports[at].kind
                      + " was refused" : "report " + IntegerToString(seq) + " was lost with the journal");
            g_journal.PutReportAs(seq, KIND_NOTICE, json.Written());
        }
        g_journal.Commit();
    }

public:
    Outbox() : m_instance(""), m_boot_nonce(""), m_a_call(REPORTS_A_CALL) {}

    void Restart(const string instance, const string boot_nonce)
    {
        m_instance = instance;
        m_boot_nonce = boot_nonce;
        m_a_call = REPORTS_A_CALL;
    }

    // Nothing of so many is stored; a shorter batch may be.
    void TakeShorter(const int count)
    {
        m_a_call = MathMax(1, count / 2);
    }

    // The oldest that are untold, as a body; `seqs` are their numbers.
    string Batch(long &seqs[]) const
    {
        JsonText json;
        json.Open("", "{");
        json.Text("instance", m_instance);
        json.Text("boot_nonce", m_boot_nonce);
        json.Open("reports", "[");
        for(int i = 0; i < ArraySize(g_journal.reports) && ArraySize(seqs) < m_a_call; i++)
        {
            if(g_journal.reports[i].told != UNTOLD)
                continue;
            const long seq = g_journal.reports[i].seq;
            const int count = ArraySize(seqs);
            ArrayResize(seqs, count + 1, REPORTS_A_CALL);
            seqs[count] = seq;
            json.Open("", "{");
            json.Text("report_id", ReportId(seq));
            json.Whole("seq", seq);
            json.Text("kind", g_journal.reports[i].kind);
            json.Members(g_journal.reports[i].members);
            json.Close("}");
        }
        json.Close("]");
        json.Close("}");
        return json.Written();
    }

    // One verdict for each report, by its id; what has none was not told.
    bool VerdictsRead(const long &seqs[])
    {
        const int list = g_http.answer.Part(0, "reports", JSON_ARRAY);
        int node = g_http.answer.First(list);
        g_journal.Begin();
        for(int i = 0; i < ArraySize(seqs); i++)
        {
            const string verdict = g_http.answer.Text(node, "verdict");
            if(g_http.answer.Text(node, "report_id") != ReportId(seqs[i])
               || !IsOneOf(verdict, "stored|duplicate|refused"))
                g_http.answer.Blame("reports", "not the verdict of each report");
            const bool is_refused = verdict == "refused";
            g_journal.PutTold(seqs[i], is_refused ? REFUSED : TOLD);
            if(is_refused)
                g_notes.Tell("report " + IntegerToString(seqs[i]), "refused: "
                             + TextClean(g_http.answer.TextAt(g_http.answer.Member(node, "reason")), 200));
            node = g_http.answer.Next(node);
        }
        const int gaps = g_http.answer.Part(0, "gaps", JSON_ARRAY);
        if(g_http.answer.Fault() != "" || !g_journal.Commit())
            return false;
        for(int gap = g_http.answer.First(gaps); gap >= 0; gap = g_http.answer.Next(gap))
            CloseGap(g_http.answer.Whole(gap, "first"), g_http.answer.Whole(gap, "last"));
        m_a_call = MathMin(REPORTS_A_CALL, m_a_call * 2);
        return g_http.answer.Fault() == "";
    }

    // What waits to be told under numbers that the server knows gets others.
    bool Renumber(const long last_seq)
    {
        const int count = ArraySize(g_journal.reports);
        g_journal.Begin();
        for(int i = 0; i < count; i++)
            if(g_journal.reports[i].told == UNTOLD && g_journal.reports[i].seq <= last_seq)
            {
                g_journal.PutTold(g_journal.reports[i].seq, REFUSED);
                g_journal.PutReport(g_journal.reports[i].kind, g_journal.reports[i].members);
            }
        return g_journal.Commit();
    }
};

Outbox g_outbox;

#endif
