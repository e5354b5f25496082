#ifndef FUSION_HTTP_MQH
#define FUSION_HTTP_MQH
// Calls of the executor API: one POST, one verdict; every trouble is "away" or "refused".

#include "Clock.mqh"
#include "Json.mqh"

#define API_PATH "/api/v1/executor/"
#define BACK_OFF_MS_MAX 30000

class Http
{
private:
    string m_base;
    string m_boot_nonce;
    long   m_calls;
    int    m_failures;
    ulong  m_quiet_until;
    int    m_retry_after_ms;

    string Headers(const string path, const uchar &body[])
    {
        string headers = "Authorization: Token " + g_set.key + "\r\nContent-Type: application/json\r\n";
        m_calls++;
        return g_set.signing_key != "" ? headers + Signature(path, body) : headers;
    }

    // Signs method, path, time, nonce and body; each try anew.
    string Signature(const string path, const uchar &body[]) const
    {
        const string moment = IntegerToString(g_clock.Now());
        const string nonce = m_boot_nonce + "-" + IntegerToString(m_calls);
        uchar whole[];
        uchar key[];
        const int head = BytesOf("POST\n" + path + "\n" + moment + "\n" + nonce + "\n", whole);
        ArrayCopy(whole, body, head);
        BytesOf(g_set.signing_key, key);
        return "X-Executor-Time: " + moment + "\r\nX-Executor-Nonce: " + nonce
               + "\r\nX-Executor-Signature: " + HmacSha256(key, whole) + "\r\n";
    }

    // A signature that is late tells the server's time: this machine's clock is off.
    void LearnTime()
    {
        for(int at = 0; code == "signature_late" && at + 24 <= StringLen(message); at++)
        {
            long moment = 0;
            if(MomentRead(StringSubstr(message, at, 24), moment))
                g_clock.Heard(moment, sent_at, got_at);
        }
    }

    string TransportWords(const int error) const
    {
        if(error == ERR_FUNCTION_NOT_ALLOWED)
            return "not allowed by the terminal: add " + g_set.url
                   + " in Tools > Options > Expert Advisors > Allow WebRequest for listed URL";
        if(error == ERR_WEBREQUEST_INVALID_ADDRESS)
            return "the address is not valid: " + g_set.url;
        if(error == ERR_WEBREQUEST_CONNECT_FAILED)
            return "no connection to " + g_set.url;
        if(error == ERR_WEBREQUEST_TIMEOUT)
            return "no answer within " + IntegerToString(g_set.timeout_ms) + " ms";
        return "no answer: " + IntegerToString(status) + ", error " + IntegerToString(error);
    }

    void ErrorRead(const uchar &body[])
    {
        message = "status " + IntegerToString(status);
        if(!answer.Read(body) || !answer.Is(0, JSON_OBJECT))
            return;
        code = TextClean(answer.TextAt(answer.Member(0, "code")), 64);
        message = TextClean(answer.TextAt(answer.Member(0, "message")), 200);
        LearnTime();
    }

    int RetryAfterMs(const string headers) const
    {
        string lower = headers;
        StringToLower(lower);
        const int at = StringFind(lower, "retry-after:");
        if(at < 0)
            return 0;
        const long seconds = StringToInteger(StringSubstr(lower, at + 12, 8));
        return (int)MathMin(MathMax(seconds, (long)0), (long)60) * 1000;
    }

public:
    JsonDoc answer;
    int     status;     // 0 where there is no answer that counts
    string  code;
    string  message;
    ulong   sent_at;
    ulong   got_at;

    Http() : m_base(""), m_boot_nonce(""), m_calls(0), m_failures(0), m_quiet_until(0), m_retry_after_ms(0), status(0),
             code(""), message(""), sent_at(0), got_at(0) {}

    void Restart(const string boot_nonce)
    {
        m_base = g_set.url;
        if(TextEndsWith(m_base, "/"))
            m_base = StringSubstr(m_base, 0, StringLen(m_base) - 1);
        m_boot_nonce = boot_nonce;
        m_calls = 0;
        m_failures = 0;
        m_quiet_until = 0;
        MathSrand((int)(HashMix(boot_nonce) & INT_MAX));
    }

    int HashMix(const string text) const
    {
        uchar bytes[];
        const int count = BytesOf(text, bytes);
        return (int)(HashOf(bytes, 0, count) & 0x7fffffff);
    }

    bool IsQuiet() const
    {
        return GetTickCount64() < m_quiet_until;
    }

    // True where the answer is an object with status 200; it stands in `answer` then. Otherwise the
    // next calls wait a while.
    bool Post(const string call, const string body)
    {
        if(Ask(call, body))
            return true;
        BackOff(m_retry_after_ms);
        return false;
    }

    // The same without waiting afterwards, for what may fail without harm.
    bool Ask(const string call, const string body)
    {
        uchar data[];
        uchar result[];
        string headers = "";
        code = "";
        message = "";
        BytesOf(body, data);
        ArrayResize(result, 0);
        const string sent_headers = Headers(API_PATH + call, data);
        ResetLastError();
        sent_at = GetTickCount64();
        status = WebRequest("POST", m_base + API_PATH + call, sent_headers, g_set.timeout_ms, data, result, headers);
        got_at = GetTickCount64();
        const int error = GetLastError();
        if(status < 100 || status > 599)
        {
            message = TransportWords(error);
            status = 0;
        }
        else if(status == 200 && answer.Read(result) && answer.Is(0, JSON_OBJECT))
            return true;
        else if(status >= 400)
            ErrorRead(result);
        else
            Unreadable(status == 200 ? answer.Fault() : "status " + IntegerToString(status));
        m_retry_after_ms = RetryAfterMs(headers);
        return false;
    }

    // An answer of which something that must be in it is not.
    void Unreadable(const string why)
    {
        message = "the answer cannot be read: " + TextClean(why, 120);
        status = 0;
    }

    void Succeeded()
    {
        m_failures = 0;
    }

    // Be quiet for a while, longer each time, never at the same moment as all others.
    void BackOff(const int at_least_ms)
    {
        m_failures++;
        const int doublings = MathMin(m_failures, 8);
        int delay = g_set.timer_ms;
        for(int i = 0; i < doublings && delay < BACK_OFF_MS_MAX; i++)
            delay *= 2;
        if(status == 409)
            delay = 4000;
        delay = MathMin(delay, BACK_OFF_MS_MAX);
        delay = delay / 2 + (int)((long)delay * MathRand() / 65536);
        m_quiet_until = GetTickCount64() + (ulong)MathMax(delay, at_least_ms);
    }
};

Http g_http;

#endif
