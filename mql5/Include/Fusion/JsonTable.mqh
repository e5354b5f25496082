#ifndef FUSION_JSON_TABLE_MQH
#define FUSION_JSON_TABLE_MQH
// Reads JSON, strictly, into a table of nodes over its bytes; numbers stay text until asked for.

#include "Text.mqh"

#define JSON_BYTES_MAX 524288
#define JSON_NODES_MAX 60000
#define JSON_DEPTH_MAX 12

enum JsonKind
{
    JSON_NULL,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT
};

struct JsonNode
{
    JsonKind kind;
    int      from;   // its bytes, quotation marks of a text left out
    int      to;
    string   key;    // the name that it has in its object
    int      first;  // the first of what it holds, or -1
    int      next;   // the next beside it, or -1
};

class JsonTable
{
protected:
    uchar    m_bytes[];
    int      m_size;
    JsonNode m_nodes[];
    int      m_count;
    int      m_at;
    string   m_fault;

    int Fail(const string why)
    {
        if(m_fault == "")
            m_fault = why + " at byte " + IntegerToString(m_at);
        return -1;
    }

    int Peek() const
    {
        return m_at < m_size ? m_bytes[m_at] : -1;
    }

    void SkipBlanks()
    {
        while(Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r')
            m_at++;
    }

    int Add(const JsonKind kind)
    {
        if(m_count >= JSON_NODES_MAX)
            return Fail("too many values");
        if(ArrayResize(m_nodes, m_count + 1, 256) <= m_count)
            return Fail("no memory");
        m_nodes[m_count].kind = kind;
        m_nodes[m_count].from = m_at;
        m_nodes[m_count].to = m_at;
        m_nodes[m_count].key = "";
        m_nodes[m_count].first = -1;
        m_nodes[m_count].next = -1;
        m_count++;
        return m_count - 1;
    }

    int Value(const int depth)
    {
        SkipBlanks();
        if(depth > JSON_DEPTH_MAX)
            return Fail("too deep");
        const int letter = Peek();
        if(letter == '{' || letter == '[')
            return Group(depth, letter == '{');
        if(letter == '"')
            return Quoted();
        if(letter == 't')
            return Word("true", JSON_TRUE);
        if(letter == 'f')
            return Word("false", JSON_FALSE);
        if(letter == 'n')
            return Word("null", JSON_NULL);
        return Number();
    }

    int Group(const int depth, const bool is_object)
    {
        const int node = Add(is_object ? JSON_OBJECT : JSON_ARRAY);
        if(node < 0)
            return -1;
        const int closing = is_object ? '}' : ']';
        int last = -1;
        m_at++;
        SkipBlanks();
        while(Peek() != closing || last >= 0)
        {
            string key = "";
            if(is_object && !Key(node, key))
                return -1;
            const int child = Value(depth + 1);
            if(child < 0)
                return -1;
            m_nodes[child].key = key;
            if(last < 0)
                m_nodes[node].first = child;
            else
                m_nodes[last].next = child;
            last = child;
            SkipBlanks();
            if(Peek() == closing)
                break;
            if(Peek() != ',')
                return Fail("a comma is missing");
            m_at++;
        }
        m_at++;
        m_nodes[node].to = m_at;
        return node;
    }

    bool Key(const int object_node, string &key)
    {
        SkipBlanks();
        const int from = m_at + 1;
        if(Peek() != '"' || !Scan())
            return Fail("a name is missing") >= 0;
        key = Decoded(from, m_at - 1);
        if(Member(object_node, key) >= 0)
            return Fail("a name comes twice") >= 0;
        SkipBlanks();
        if(Peek() != ':')
            return Fail("a colon is missing") >= 0;
        m_at++;
        return true;
    }

    int Quoted()
    {
        const int node = Add(JSON_TEXT);
        if(node < 0 || !Scan())
            return -1;
        m_nodes[node].from++;
        m_nodes[node].to = m_at - 1;
        return node;
    }

    // Goes over a text, from its opening to behind its closing quotation mark.
    bool Scan()
    {
        m_at++;
        while(m_at < m_size)
        {
            const int letter = m_bytes[m_at];
            if(letter == '"')
            {
                m_at++;
                return true;
            }
            if(letter < 32)
                return Fail("a control character") >= 0;
            const int length = letter == '\\' ? EscapeLength() : Utf8Length(letter);
            if(length == 0)
                return Fail("no text") >= 0;
            m_at += length;
        }
        return Fail("the text has no end") >= 0;
    }

    int EscapeLength() const
    {
        if(m_at + 1 >= m_size)
            return 0;
        const int letter = m_bytes[m_at + 1];
        if(letter != 'u')
            return StringFind("\"\\/bfnrt", CharToString((uchar)letter)) >= 0 ? 2 : 0;
        for(int i = 2; i < 6; i++)
            if(m_at + i >= m_size || HexDigit(m_bytes[m_at + i]) < 0)
                return 0;
        return 6;
    }

    int HexDigit(const int letter) const
    {
        if(letter >= '0' && letter <= '9')
            return letter - '0';
        if(letter >= 'a' && letter <= 'f')
            return letter - 'a' + 10;
        return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
    }

    // Bytes of the letter that begins here; 0 where it is no UTF-8.
    int Utf8Length(const int first) const
    {
        if(first < 0x80)
            return 1;
        const int length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
        if(first < 0xC2 || first > 0xF4 || m_at + length > m_size)
            return 0;
        for(int i = 1; i < length; i++)
            if((m_bytes[m_at + i] & 0xC0) != 0x80)
                return 0;
        return length;
    }

    string Decoded(const int from, const int to) const
    {
        string text = "";
        int plain = from;
        int at = from;
        while(at < to)
        {
            if(m_bytes[at] != '\\')
            {
                at++;
                continue;
            }
            text += TextOf(m_bytes, plain, at - plain);
            const int letter = m_bytes[at + 1];
            text += ShortToString((ushort)(letter == 'u' ? Code(at + 2) : Escaped(letter)));
            at += letter == 'u' ? 6 : 2;
            plain = at;
        }
        return text + TextOf(m_bytes, plain, to - plain);
    }

    int Code(const int at) const
    {
        int code = 0;
        for(int i = 0; i < 4; i++)
            code = code * 16 + HexDigit(m_bytes[at + i]);
        return code;
    }

    int Escaped(const int letter) const
    {
        if(letter == 'b')
            return 8;
        if(letter == 't')
            return 9;
        if(letter == 'n')
            return 10;
        if(letter == 'f')
            return 12;
        return letter == 'r' ? 13 : letter;
    }

    int Word(const string word, const JsonKind kind)
    {
        const int node = Add(kind);
        const int length = StringLen(word);
        if(node < 0 || m_at + length > m_size || TextOf(m_bytes, m_at, length) != word)
            return Fail("no value");
        m_at += length;
        m_nodes[node].to = m_at;
        return node;
    }

    int Digits()
    {
        const int from = m_at;
        while(Peek() >= '0' && Peek() <= '9')
            m_at++;
        return m_at - from;
    }

    int Number()
    {
        const int node = Add(JSON_NUMBER);
        if(node < 0)
            return -1;
        if(Peek() == '-')
            m_at++;
        const bool is_zero = Peek() == '0';
        const int whole = Digits();
        if(whole == 0 || (is_zero && whole > 1))
            return Fail("no value");
        if(Peek() == '.')
        {
            m_at++;
            if(Digits() == 0)
                return Fail("no number");
        }
        if(Peek() == 'e' || Peek() == 'E')
        {
            m_at++;
            if(Peek() == '+' || Peek() == '-')
                m_at++;
            if(Digits() == 0)
                return Fail("no number");
        }
        m_nodes[node].to = m_at;
        return node;
    }

public:
    JsonTable() : m_size(0), m_count(0), m_at(0), m_fault("") {}

    // Reads a whole document; what cannot be read is a fault, and there are no nodes then.
    bool Read(const uchar &bytes[])
    {
        ArrayFree(m_bytes);
        ArrayFree(m_nodes);
        m_count = 0;
        m_at = 0;
        m_fault = "";
        m_size = ArraySize(bytes);
        if(m_size == 0 || m_size > JSON_BYTES_MAX)
        {
            m_fault = m_size == 0 ? "empty" : IntegerToString(m_size) + " bytes are too many";
            return false;
        }
        ArrayCopy(m_bytes, bytes);
        const int root = Value(0);
        SkipBlanks();
        if(root >= 0 && m_at < m_size)
            Fail("something follows");
        if(m_fault != "")
            m_count = 0;
        return m_fault == "";
    }

    bool ReadText(const string text)
    {
        uchar bytes[];
        BytesOf(text, bytes);
        return Read(bytes);
    }

    string Fault() const
    {
        return m_fault;
    }

    bool Is(const int node, const JsonKind kind) const
    {
        return node >= 0 && node < m_count && m_nodes[node].kind == kind;
    }

    int First(const int node) const
    {
        return node >= 0 && node < m_count ? m_nodes[node].first : -1;
    }

    int Next(const int node) const
    {
        return node >= 0 && node < m_count ? m_nodes[node].next : -1;
    }

    int Member(const int node, const string key) const
    {
        for(int at = First(node); at >= 0; at = Next(at))
            if(m_nodes[at].key == key)
                return at;
        return -1;
    }

    // The node as it was written.
    string Raw(const int node) const
    {
        if(node < 0 || node >= m_count)
            return "";
        const int marks = m_nodes[node].kind == JSON_TEXT ? 1 : 0;
        const int from = m_nodes[node].from - marks;
        return TextOf(m_bytes, from, m_nodes[node].to + marks - from);
    }

    string TextAt(const int node) const
    {
        return Is(node, JSON_TEXT) ? Decoded(m_nodes[node].from, m_nodes[node].to) : "";
    }
};

#endif
