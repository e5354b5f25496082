#ifndef FUSION_JSON_TEXT_MQH
#define FUSION_JSON_TEXT_MQH
// Writes JSON: commas and escapes in one place.

#include "Text.mqh"

string JsonQuoted(const string text)
{
    string quoted = "\"";
    const int length = StringLen(text);
    for(int i = 0; i < length; i++)
    {
        const ushort letter = StringGetCharacter(text, i);
        if(letter == '"' || letter == '\\')
            quoted += "\\" + ShortToString(letter);
        else if(letter < 32 || letter >= 127)
            quoted += "\\u" + HexOf(letter, 4);
        else
            quoted += ShortToString(letter);
    }
    return quoted + "\"";
}

class JsonText
{
private:
    string m_text;
    bool   m_comma;

    void Name(const string key)
    {
        if(m_comma)
            m_text += ",";
        if(key != "")
            m_text += JsonQuoted(key) + ":";
        m_comma = true;
    }

public:
    JsonText() : m_text(""), m_comma(false) {}

    string Written() const
    {
        return m_text;
    }

    // An empty key is for what stands in a list.
    void Open(const string key, const string bracket)
    {
        Name(key);
        m_text += bracket;
        m_comma = false;
    }

    void Close(const string bracket)
    {
        m_text += bracket;
        m_comma = true;
    }

    void Text(const string key, const string value)
    {
        Name(key);
        m_text += JsonQuoted(value);
    }

    void Whole(const string key, const long value)
    {
        Name(key);
        m_text += IntegerToString(value);
    }

    void Ticket(const string key, const long value)
    {
        Name(key);
        m_text += "\"" + IntegerToString(MathMax(value, (long)0)) + "\"";
    }

    void Flag(const string key, const bool value)
    {
        Name(key);
        m_text += value ? "true" : "false";
    }

    // What is JSON already.
    void Raw(const string key, const string json)
    {
        Name(key);
        m_text += json;
    }

    // Members without their braces, as they were written by another.
    void Members(const string json)
    {
        if(json == "")
            return;
        Name("");
        m_text += json;
    }
};

#endif
