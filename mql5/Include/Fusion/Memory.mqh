#ifndef FUSION_MEMORY_MQH
#define FUSION_MEMORY_MQH
// What the journal's records make: orders, reports to tell, deals told, stops wanted, values.

#include "Kept.mqh"

class Memory
{
protected:
    Pair m_values[];
    long m_next_seq;

    void Apply(const string record)
    {
        string parts[];
        const int count = StringSplit(record, '\t', parts);
        if(count == 5 && parts[0] == "O")
            ApplyOrder(parts);
        if(count == 3 && parts[0] == "M")
            ApplyAmended(StringToInteger(parts[1]), parts[2]);
        if(count == 10 && parts[0] == "S")
            ApplyStage(parts);
        if(count == 4 && parts[0] == "R")
            ApplyReport(parts);
        if(count == 3 && parts[0] == "A")
            ApplyTold(StringToInteger(parts[1]), (int)StringToInteger(parts[2]));
        if(count == 4 && parts[0] == "D")
            ApplyDeal(StringToInteger(parts[1]), parts[2], StringToInteger(parts[3]));
        if(count == 2 && parts[0] == "X")
            DealDrop(StringToInteger(parts[1]));
        if(count == 6 && parts[0] == "G")
            ApplyGuard(parts);
        if(count == 13 && parts[0] == "P")
            ApplyPlan(parts);
        if(count == 3 && parts[0] == "V")
            ApplyValue(parts[1], FieldText(parts[2]));
        if(count == 2 && parts[0] == "N")
            m_next_seq = MathMax(m_next_seq, StringToInteger(parts[1]));
    }

    void ApplyOrder(const string &parts[])
    {
        JsonDoc doc;
        Terms terms;
        ZeroMemory(terms);
        if(!doc.ReadText(parts[4]) || !TermsHeadRead(doc, 0, terms))
            return;
        TermsRead(doc, 0, terms);
        int at = Find(terms.id);
        if(at < 0)
        {
            at = ArraySize(kept);
            ArrayResize(kept, at + 1, 64);
        }
        KeptClear(kept[at]);
        kept[at].terms = terms;
        kept[at].terms.fence = StringToInteger(parts[2]);
        kept[at].received_ms = StringToInteger(parts[3]);
        kept[at].raw = parts[4];
    }

    void ApplyAmended(const long order_id, const string amended)
    {
        JsonDoc doc;
        Terms terms;
        ZeroMemory(terms);
        const int at = Find(order_id);
        if(at < 0 || !doc.ReadText(amended) || !TermsHeadRead(doc, 0, terms) || !TermsRead(doc, 0, terms))
            return;
        TermsTake(kept[at].terms, terms);
        kept[at].amended = amended;
    }

    void ApplyStage(const string &parts[])
    {
        const int at = Find(StringToInteger(parts[1]));
        if(at < 0)
            return;
        const int stage = (int)StringToInteger(parts[3]);
        if(kept[at].stage != stage)
            kept[at].since = GetTickCount64();
        kept[at].terms.fence = StringToInteger(parts[2]);
        kept[at].stage = stage;
        kept[at].ticket = StringToInteger(parts[4]);
        kept[at].goal = StringToDouble(parts[5]);
        kept[at].filled = StringToDouble(parts[6]);
        kept[at].end_kind = FieldText(parts[7]);
        kept[at].end_retcode = (int)StringToInteger(parts[8]);
        kept[at].end_message = FieldText(parts[9]);
    }

    void ApplyReport(const string &parts[])
    {
        int at = ReportFind(StringToInteger(parts[1]));
        if(at < 0)
        {
            at = ArraySize(reports);
            ArrayResize(reports, at + 1, 256);
        }
        reports[at].seq = StringToInteger(parts[1]);
        reports[at].kind = parts[2];
        reports[at].members = parts[3];
        reports[at].told = UNTOLD;
        m_next_seq = MathMax(m_next_seq, reports[at].seq + 1);
    }

    void ApplyTold(const long seq, const int told)
    {
        const int at = ReportFind(seq);
        if(at >= 0)
            reports[at].told = told;
    }

    void ApplyDeal(const long ticket, const string hash, const long time_msc)
    {
        int at = DealFind(ticket);
        if(at >= ArraySize(deals) || deals[at].ticket != ticket)
        {
            ArrayResize(deals, ArraySize(deals) + 1, 1024);
            for(int i = ArraySize(deals) - 1; i > at; i--)
                deals[i] = deals[i - 1];
        }
        deals[at].ticket = ticket;
        deals[at].hash = hash;
        deals[at].time_msc = time_msc;
        deals[at].misses = 0;
    }

    void DealDrop(const long ticket)
    {
        if(DealIsKnown(ticket))
            ArrayRemove(deals, (uint)DealFind(ticket), 1);
    }

    // An order of 0 takes the guard away.
    void ApplyGuard(const string &parts[])
    {
        const long position_id = StringToInteger(parts[1]);
        const long order_id = StringToInteger(parts[2]);
        int at = GuardFind(position_id);
        if(order_id == 0)
        {
            if(at >= 0)
                ArrayRemove(guards, (uint)at, 1);
            return;
        }
        if(at < 0)
        {
            at = ArraySize(guards);
            ArrayResize(guards, at + 1, 16);
        }
        guards[at].position_id = position_id;
        guards[at].order_id = order_id;
        guards[at].sl = StringToDouble(parts[3]);
        guards[at].tp = StringToDouble(parts[4]);
        guards[at].nearest = StringToDouble(parts[5]);
    }

    // An order of 0 ends the plan.
    void ApplyPlan(const string &parts[])
    {
        const long position_id = StringToInteger(parts[1]);
        const long order_id = StringToInteger(parts[2]);
        int at = PlanFind(position_id);
        if(order_id == 0)
        {
            if(at >= 0)
                ArrayRemove(plans, (uint)at, 1);
            return;
        }
        if(at < 0)
        {
            at = ArraySize(plans);
            ArrayResize(plans, at + 1, 16);
        }
        plans[at].position_id = position_id;
        plans[at].order_id = order_id;
        plans[at].reached = (int)StringToInteger(parts[3]);
        plans[at].trailed = (int)StringToInteger(parts[4]);
        plans[at].is_even = StringToInteger(parts[5]) != 0;
        plans[at].is_time_over = StringToInteger(parts[6]) != 0;
        plans[at].is_moved = StringToInteger(parts[7]) != 0;
        plans[at].has_target = StringToInteger(parts[8]) != 0;
        plans[at].told = (int)StringToInteger(parts[9]);
        plans[at].stop_told = StringToDouble(parts[10]);
        plans[at].is_end_told = StringToInteger(parts[11]) != 0;
        plans[at].goal = StringToDouble(parts[12]);
    }

    void ApplyValue(const string name, const string value)
    {
        int at = 0;
        while(at < ArraySize(m_values) && m_values[at].name != name)
            at++;
        if(at == ArraySize(m_values))
            ArrayResize(m_values, at + 1);
        m_values[at].name = name;
        m_values[at].value = value;
    }

    void ApplyLine(const string line)
    {
        string records[];
        const int count = StringSplit(line, 30, records);
        for(int i = 0; i < count; i++)
            Apply(records[i]);
    }

    bool IsGuarding(const long order_id) const
    {
        for(int i = 0; i < ArraySize(guards); i++)
            if(guards[i].order_id == order_id)
                return true;
        for(int i = 0; i < ArraySize(plans); i++)
            if(plans[i].order_id == order_id)
                return true;
        return false;
    }

    void Clear()
    {
        ArrayResize(kept, 0);
        ArrayResize(reports, 0);
        ArrayResize(deals, 0);
        ArrayResize(guards, 0);
        ArrayResize(plans, 0);
        ArrayResize(m_values, 0);
        m_next_seq = 1;
    }

public:
    Kept      kept[];
    Report    reports[];
    KnownDeal deals[];   // by ticket
    Guard     guards[];
    PlanState plans[];

    Memory() : m_next_seq(1) {}

    string Value(const string name) const
    {
        for(int i = 0; i < ArraySize(m_values); i++)
            if(m_values[i].name == name)
                return m_values[i].value;
        return "";
    }

    long NextSeq() const
    {
        return m_next_seq;
    }

    int Find(const long order_id) const
    {
        for(int i = ArraySize(kept) - 1; i >= 0; i--)
            if(kept[i].terms.id == order_id)
                return i;
        return -1;
    }

    // Brokers may drop a magic; the order's own ticket still tells whose a deal is.
    int FindByTicket(const long ticket) const
    {
        for(int i = ArraySize(kept) - 1; i >= 0 && ticket > 0; i--)
            if(kept[i].ticket == ticket)
                return i;
        return -1;
    }

    // Whether the server has told this journal what was out when it began.
    bool IsBorn() const
    {
        return Value("born") != "";
    }

    int ReportFind(const long seq) const
    {
        for(int i = ArraySize(reports) - 1; i >= 0; i--)
            if(reports[i].seq == seq)
                return i;
        return -1;
    }

    int GuardFind(const long position_id) const
    {
        for(int i = 0; i < ArraySize(guards); i++)
            if(guards[i].position_id == position_id)
                return i;
        return -1;
    }

    int PlanFind(const long position_id) const
    {
        for(int i = 0; i < ArraySize(plans); i++)
            if(plans[i].position_id == position_id)
                return i;
        return -1;
    }

    // Whether the stop of a position is its plan's by now, and no fill's any more.
    bool PlanHasMoved(const long position_id) const
    {
        const int at = PlanFind(position_id);
        return at >= 0 && plans[at].is_moved;
    }

    // Where the deal stands, or where it would.
    int DealFind(const long ticket) const
    {
        int from = 0;
        int to = ArraySize(deals);
        while(from < to)
        {
            const int middle = (from + to) / 2;
            if(deals[middle].ticket < ticket)
                from = middle + 1;
            else
                to = middle;
        }
        return from;
    }

    bool DealIsKnown(const long ticket) const
    {
        const int at = DealFind(ticket);
        return at < ArraySize(deals) && deals[at].ticket == ticket;
    }

    long NewestDeal() const
    {
        long newest = 0;
        for(int i = 0; i < ArraySize(deals); i++)
            newest = MathMax(newest, deals[i].time_msc);
        return newest;
    }

    int Untold() const
    {
        int count = 0;
        for(int i = 0; i < ArraySize(reports); i++)
            count += reports[i].told == UNTOLD ? 1 : 0;
        return count;
    }

    // The server misses these: they are told again, unless it refused them.
    void TellAgain(const long first, const long last)
    {
        for(int i = 0; i < ArraySize(reports); i++)
            if(reports[i].seq >= first && reports[i].seq <= last && reports[i].told == TOLD)
                reports[i].told = UNTOLD;
    }
};

#endif
