#ifndef FUSION_JSON_MQH
#define FUSION_JSON_MQH
// Asks a JSON document for what must be in it; the first thing that is not is its fault.

#include "JsonTable.mqh"

class JsonDoc : public JsonTable
{
public:
    JsonDoc() {}

    void Blame(const string key, const string wanted)
    {
        if(m_fault == "")
            m_fault = key + ": " + wanted;
    }

    void Forgive()
    {
        m_fault = "";
    }

    bool Absent(const int node, const string key) const
    {
        const int at = Member(node, key);
        return at < 0 || m_nodes[at].kind == JSON_NULL;
    }

    int Part(const int node, const string key, const JsonKind kind)
    {
        const int at = Member(node, key);
        if(!Is(at, kind))
            Blame(key, kind == JSON_ARRAY ? "a list is missing" : "an object is missing");
        return Is(at, kind) ? at : -1;
    }

    string Text(const int node, const string key)
    {
        const int at = Member(node, key);
        if(!Is(at, JSON_TEXT))
            Blame(key, "a text is missing");
        return TextAt(at);
    }

    bool Flag(const int node, const string key)
    {
        const int at = Member(node, key);
        if(!Is(at, JSON_TRUE) && !Is(at, JSON_FALSE))
            Blame(key, "true or false is missing");
        return Is(at, JSON_TRUE);
    }

    // A whole number that JSON writes as a number.
    long Whole(const int node, const string key)
    {
        const int at = Member(node, key);
        long value = 0;
        if(!Is(at, JSON_NUMBER) || !WholeRead(Raw(at), value))
            Blame(key, "a whole number is missing");
        return value;
    }

    // One that fits an int, however large it is told; 0 where it is absent.
    int Small(const int node, const string key)
    {
        return Absent(node, key) ? 0 : (int)MathMin(Whole(node, key), (long)INT_MAX);
    }

    // A whole number that is written as text: tickets and order ids.
    long Ticket(const int node, const string key)
    {
        const int at = Member(node, key);
        long value = 0;
        if(!Is(at, JSON_TEXT) || !WholeRead(TextAt(at), value))
            Blame(key, "digits as text are missing");
        return value;
    }

    double Decimal(const int node, const string key, const int whole_max, const int part_max)
    {
        const int at = Member(node, key);
        double value = 0;
        if(!Is(at, JSON_TEXT) || !DecimalRead(TextAt(at), whole_max, part_max, value))
            Blame(key, "a decimal as text is missing");
        return value;
    }

    long Moment(const int node, const string key)
    {
        long value = 0;
        if(!MomentRead(Text(node, key), value))
            Blame(key, "a moment in UTC is missing");
        return value;
    }
};

#endif
