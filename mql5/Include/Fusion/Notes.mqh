#ifndef FUSION_NOTES_MQH
#define FUSION_NOTES_MQH
// What people should know: each fact is told once, in the terminal's journal and to the server.

#include "Journal.mqh"
#include "JsonText.mqh"

#define NOTES_MAX 100
#define MINOR_OF_NOTICES 2

class Notes
{
private:
    Pair   m_told[];
    Pair   m_notices[];   // code and words, until the server reads them
    string m_last;
    int    m_server_minor;

    int Find(const string key) const
    {
        for(int i = 0; i < ArraySize(m_told); i++)
            if(m_told[i].name == key)
                return i;
        return -1;
    }

public:
    Notes() : m_last(""), m_server_minor(0) {}

    void Restart()
    {
        ArrayResize(m_told, 0);
        ArrayResize(m_notices, 0);
        m_last = "";
        m_server_minor = 0;
    }

    void ServerReads(const int minor)
    {
        m_server_minor = minor;
    }

    int ServerMinor() const
    {
        return m_server_minor;
    }

    // Tells a fact, unless the last that was told under this key was the same.
    void Tell(const string key, const string text)
    {
        int at = Find(key);
        if(at >= 0 && m_told[at].value == text)
            return;
        if(at < 0)
        {
            at = ArraySize(m_told);
            if(at >= NOTES_MAX)
            {
                ArrayRemove(m_told, 0, NOTES_MAX / 2);
                at = ArraySize(m_told);
            }
            ArrayResize(m_told, at + 1, 16);
        }
        m_told[at].name = key;
        m_told[at].value = text;
        if(text == "")
            return;
        m_last = key + ": " + text;
        Print(m_last);
    }

    // A fact that a person should act on: it opens an incident at the server.
    void Notify(const string code, const string key, const string text)
    {
        const int at = Find(key);
        if(at >= 0 && m_told[at].value == text)
            return;
        Tell(key, text);
        const int count = ArraySize(m_notices);
        if(count >= NOTES_MAX)
            return;
        ArrayResize(m_notices, count + 1, 16);
        m_notices[count].name = code;
        m_notices[count].value = text;
    }

    // Puts the notices into the outbox, once the server is known to read them.
    void Flush()
    {
        while(ArraySize(m_notices) > 0 && m_server_minor >= MINOR_OF_NOTICES && g_journal.IsBorn())
        {
            JsonText json;
            json.Text("code", m_notices[0].name);
            json.Text("message", TextClean(m_notices[0].value));
            g_journal.Begin();
            g_journal.PutReport(KIND_NOTICE, json.Written());
            if(!g_journal.Commit())
                return;
            ArrayRemove(m_notices, 0, 1);
        }
    }

    // The fact is over; when it comes again it is told again.
    void Over(const string key)
    {
        const int at = Find(key);
        if(at >= 0)
            ArrayRemove(m_told, (uint)at, 1);
    }

    string Last() const
    {
        return m_last;
    }
};

Notes g_notes;

#endif
