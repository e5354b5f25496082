#ifndef FUSION_JOURNAL_MQH
#define FUSION_JOURNAL_MQH
// The memory of this program: orders, reports to tell, deals told, stops wanted. A change is one
// line on the disk first; memory is made from the lines, at start and at each change alike.

#include "JournalFile.mqh"
#include "Memory.mqh"

class Journal : public Memory
{
private:
    JournalFile m_file;
    string m_change;
    int    m_change_reports;
    bool   m_is_broken;
    ulong  m_repaired_at;
    ulong  m_compact_at;   // bytes

    void Line(string &lines[], const string record) const
    {
        const int count = ArraySize(lines);
        ArrayResize(lines, count + 1, 1024);
        lines[count] = record;
    }

    bool Compact()
    {
        string lines[];
        ArrayResize(lines, 0);
        for(int i = 0; i < ArraySize(m_values); i++)
            Line(lines, ValueRecord(m_values[i].name, m_values[i].value));
        Line(lines, "N\t" + IntegerToString(m_next_seq));
        for(int i = 0; i < ArraySize(kept); i++)
        {
            Line(lines, OrderRecord(kept[i]));
            if(kept[i].amended != "")
                Line(lines, AmendedRecord(kept[i].terms.id, kept[i].amended));
            Line(lines, StageRecord(kept[i]));
        }
        for(int i = 0; i < ArraySize(reports); i++)
        {
            const string seq = IntegerToString(reports[i].seq);
            Line(lines, "R\t" + seq + "\t" + reports[i].kind + "\t" + reports[i].members);
            if(reports[i].told != UNTOLD)
                Line(lines, "A\t" + seq + "\t" + IntegerToString(reports[i].told));
        }
        const long since = NewestDeal() - DEALS_KEPT_MS;
        for(int i = 0; i < ArraySize(deals); i++)
            if(deals[i].time_msc >= since)
                Line(lines, DealRecord(deals[i].ticket, deals[i].hash, deals[i].time_msc));
        for(int i = 0; i < ArraySize(guards); i++)
            Line(lines, GuardRecord(guards[i]));
        for(int i = 0; i < ArraySize(plans); i++)
            Line(lines, PlanRecord(plans[i]));
        const bool is_done = m_file.Rewrite(lines);
        m_compact_at = MathMax((ulong)JOURNAL_BYTES_MAX, 2 * m_file.Size());
        return is_done;
    }

    bool Repaired()
    {
        if(!m_is_broken)
            return true;
        if(!HasPassed(m_repaired_at, 2000))
            return false;
        m_repaired_at = GetTickCount64();
        m_is_broken = !Compact();
        return !m_is_broken;
    }

public:
    Journal() : m_change(""), m_change_reports(0), m_is_broken(false), m_repaired_at(0), m_compact_at(JOURNAL_BYTES_MAX) {}

    // Opens the file of this account; a line that is damaged in its middle may have been an order,
    // so that what was sent is not known any more (`born` is taken back).
    bool Open(const string path)
    {
        Close();
        string lines[];
        bool is_torn = false;
        int damaged = 0;
        if(!m_file.Open(path, lines, is_torn, damaged))
            return false;
        for(int i = 0; i < ArraySize(lines); i++)
            ApplyLine(lines[i]);
        if(damaged > 0)
            ApplyValue("born", "");
        for(int i = 0; i < ArraySize(kept); i++)
            if(kept[i].stage == STAGE_INTENT)
                kept[i].stage = STAGE_LOOKUP;
        m_is_broken = (is_torn || damaged > 0 || m_file.Size() > JOURNAL_BYTES_MAX) && !Compact();
        return true;
    }

    void Close()
    {
        m_file.Close();
        Clear();
        m_change = "";
        m_change_reports = 0;
        m_is_broken = false;
    }

    bool IsOpen() const
    {
        return m_file.IsOpen();
    }

    // While it cannot be written nothing may be sent.
    bool IsWritable()
    {
        return m_file.IsOpen() && Repaired();
    }

    // What is told and old, or ended and old, is forgotten. Between two beats: numbers of orders in
    // `kept` change.
    void Forget()
    {
        int old = 0;
        while(old < ArraySize(reports) - REPORTS_KEPT && reports[old].told != UNTOLD)
            old++;
        if(old >= REPORTS_KEPT / 2)
            ArrayRemove(reports, 0, (uint)old);
        for(int i = 0; i < ArraySize(kept) && ArraySize(kept) > ORDERS_KEPT; i++)
            if(kept[i].stage == STAGE_CLOSED && !IsGuarding(kept[i].terms.id))
            {
                ArrayRemove(kept, (uint)i, 1);
                i--;
            }
    }

    // A change: records put between Begin and Commit become one line, all of them or none.

    void Begin()
    {
        m_change = "";
        m_change_reports = 0;
    }

    void Put(const string record)
    {
        m_change += (m_change == "" ? "" : ShortToString(30)) + record;
    }

    void PutReport(const string kind, const string members)
    {
        const long seq = m_next_seq + m_change_reports;
        m_change_reports++;
        Put("R\t" + IntegerToString(seq) + "\t" + kind + "\t" + members);
    }

    // Under a number that was given before.
    void PutReportAs(const long seq, const string kind, const string members)
    {
        Put("R\t" + IntegerToString(seq) + "\t" + kind + "\t" + members);
    }

    void PutTold(const long seq, const int told)
    {
        Put("A\t" + IntegerToString(seq) + "\t" + IntegerToString(told));
    }

    bool Commit()
    {
        const string change = m_change;
        Begin();
        if(change == "")
            return true;
        if(!m_file.IsOpen() || !Repaired())
            return false;
        if(!m_file.Append(change))
        {
            m_is_broken = true;
            m_repaired_at = GetTickCount64();
            return false;
        }
        ApplyLine(change);
        if(m_file.Size() > m_compact_at)
            m_is_broken = !Compact();
        return true;
    }

    bool Keep(const string name, const string value)
    {
        if(Value(name) == value)
            return true;
        Begin();
        Put(ValueRecord(name, value));
        return Commit();
    }

    // Numbers that the server knows already are not given again.
    bool RaiseSeq(const long next_seq)
    {
        Begin();
        Put("N\t" + IntegerToString(next_seq));
        return Commit();
    }
};

Journal g_journal;

#endif
