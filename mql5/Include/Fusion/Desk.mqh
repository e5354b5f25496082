#ifndef FUSION_DESK_MQH
#define FUSION_DESK_MQH
// The talk with the server: hello, reports, poll, heartbeat; one piece a beat, back-off in between.

#include "Bars.mqh"
#include "Inbox.mqh"
#include "Outbox.mqh"
#include "Telemetry.mqh"
#include "Work.mqh"

#define PERMIT_MS_MAX 3000
#define WAIT_SECONDS 1
#define WAIT_PAUSE_MS 10000
#define HELLO_AGAIN_MS 600000

struct Permitted
{
    long order_id;
    long fence;
};

class Desk
{
private:
    string    m_instance;
    string    m_boot_nonce;
    bool      m_is_greeted;
    bool      m_knows_map;
    ulong     m_hello_at;
    ulong     m_heartbeat_at;
    ulong     m_poll_at;
    int       m_poll_ms;
    ulong     m_permit_until;
    long      m_ping_ms;
    bool      m_may_wait;
    ulong     m_wait_again;   // not before this moment
    string    m_polled_at;    // the server's time of the last poll
    Permitted m_permits[];

    // Everything that is wrong with a call is told once, under its name.
    bool Failed(const string call)
    {
        const string status = g_http.status > 0 ? IntegerToString(g_http.status) + " " + g_http.code + " " : "";
        g_notes.Tell("server", call + ": " + status + g_http.message);
        if(g_http.status == 409 && g_http.code != "heartbeat_old")
            m_is_greeted = false;
        m_permit_until = 0;
        return false;
    }

    bool Fault(const string call)
    {
        g_http.Unreadable(g_http.answer.Fault());
        g_http.BackOff(0);
        return Failed(call);
    }

    bool Call(const string call, const string body)
    {
        if(!g_http.Post(call, body))
            return Failed(call);
        const long server_ms = g_http.answer.Moment(0, "server_time");
        if(g_http.answer.Fault() != "")
            return Fault(call);
        g_clock.Heard(server_ms, g_http.sent_at, g_http.got_at);
        return true;
    }

    // Hello.

    bool Hello()
    {
        if(!Call("hello", g_sheets.Hello(m_instance, m_boot_nonce)))
            return false;
        if(!HelloRead())
            return Fault("hello");
        m_is_greeted = true;
        m_hello_at = GetTickCount64();
        return true;
    }

    bool HelloRead()
    {
        const int limits = g_http.answer.Part(0, "limits", JSON_OBJECT);
        const double order_lots = g_http.answer.Decimal(limits, "order_lots_max", 6, 8);
        const double open_lots = g_http.answer.Decimal(limits, "open_lots_max", 6, 8);
        const long last_seq = g_http.answer.Whole(0, "last_seq");
        const int minor = g_http.answer.Small(0, "api_minor");
        double poll_seconds = 0;
        if(!DecimalRead(g_http.answer.Text(0, "poll_seconds"), 4, 3, poll_seconds))
            g_http.answer.Blame("poll_seconds", "a number of seconds");
        const string born = BornList(g_http.answer.Part(0, "orders", JSON_ARRAY));
        if(g_http.answer.Fault() != "")
            return false;
        if(!JournalBorn(born, last_seq))
        {
            g_http.answer.Blame("journal", "cannot be written");
            return false;
        }
        m_poll_ms = (int)MathMin(MathMax(poll_seconds * 1000.0, 250.0), 10000.0);
        g_risk.ServerLimits(order_lots, open_lots);
        g_notes.ServerReads(minor);
        m_may_wait = minor >= TELLS_ALL && g_http.answer.Is(g_http.answer.Member(0, "wait_offered"), JSON_TRUE);
        RefusedRead(g_http.answer.Member(0, "refused_symbols"));
        return MapRead(g_http.answer.Part(0, "symbols", JSON_ARRAY));
    }

    void RefusedRead(const int list)
    {
        for(int node = g_http.answer.First(list); node >= 0; node = g_http.answer.Next(node))
            g_notes.Tell("symbol " + TextClean(g_http.answer.TextAt(g_http.answer.Member(node, "symbol")), 64),
                         "its sheet was refused: " + TextClean(g_http.answer.TextAt(g_http.answer.Member(node, "reason")), 200));
    }

    string BornList(const int list)
    {
        string born = "";
        for(int node = g_http.answer.First(list); node >= 0; node = g_http.answer.Next(node))
        {
            const long fence = g_http.answer.Whole(node, "fence");
            // A staged order's next hand-out has the next fence, so it is not out yet.
            born += IntegerToString(g_http.answer.Ticket(node, "order_id")) + ":" + IntegerToString(fence) + ",";
        }
        return born + ".";
    }

    // A journal that is new, or older than what the server heard of this instance, cannot say what
    // was sent before: it begins here.
    bool JournalBorn(const string born, const long last_seq)
    {
        const bool is_behind = last_seq >= g_journal.NextSeq();
        if(g_journal.IsBorn() && !is_behind)
            return true;
        // Of an executor that was never heard of nothing is out.
        if(last_seq > 0 || born != ".")
            g_notes.Notify("journal_begins", "journal", "the journal begins here; of orders before it the broker is asked");
        if(!g_journal.RaiseSeq(last_seq + 1) || !g_outbox.Renumber(last_seq))
            return false;
        g_journal.Begin();
        g_journal.Put(ValueRecord("born", born));
        g_journal.Put(ValueRecord("since", g_http.answer.Text(0, "server_time")));
        return g_journal.Commit();
    }

    bool MapRead(const int list)
    {
        for(int node = g_http.answer.First(list); node >= 0; node = g_http.answer.Next(node))
            g_sheets.Map(g_http.answer.Text(node, "broker_symbol"));
        return g_http.answer.Fault() == "";
    }

    // Reports.

    bool Flush()
    {
        for(int calls = 0; calls < 3; calls++)
        {
            long seqs[];
            ArrayResize(seqs, 0);
            const string body = g_outbox.Batch(seqs);
            if(ArraySize(seqs) == 0)
                return true;
            if(!Call("reports", body))
            {
                g_outbox.TakeShorter(ArraySize(seqs));
                return false;
            }
            if(!g_outbox.VerdictsRead(seqs))
                return Fault("reports");
        }
        return true;
    }

    // Poll.

    bool Poll()
    {
        JsonText json;
        json.Open("", "{");
        json.Text("instance", m_instance);
        json.Text("boot_nonce", m_boot_nonce);
        json.Close("}");
        m_poll_at = GetTickCount64();
        if(!Call("poll", json.Written()))
            return false;
        m_ping_ms = (long)(g_http.got_at - g_http.sent_at);
        m_polled_at = g_http.answer.Text(0, "server_time");
        if(!PermitRead())
            return Fault("poll");
        const int orders = g_http.answer.Part(0, "orders", JSON_ARRAY);
        const int desired = g_http.answer.Part(0, "desired", JSON_ARRAY);
        if(g_http.answer.Fault() != "")
            return Fault("poll");
        for(int node = g_http.answer.First(orders); node >= 0; node = g_http.answer.Next(node))
            if(!g_inbox.Receive(node))
                return Fault("poll");
        return Desired(desired) || Fault("poll");
    }

    bool Desired(const int list)
    {
        bool is_killed = false;
        for(int node = g_http.answer.First(list); node >= 0; node = g_http.answer.Next(node))
        {
            const long order_id = g_http.answer.Ticket(node, "order_id");
            const long fence = g_http.answer.Whole(node, "fence");
            const string command = g_http.answer.Text(node, "command");
            const long position_id = command == "close" ? g_http.answer.Ticket(node, "position_ticket") : 0;
            if(g_http.answer.Fault() != "")
                return false;
            if(command == "kill")
                is_killed = true;
            else if(command == "close")
                g_lookups.ClosePosition(position_id);
            else
                g_lookups.Obey(order_id, fence, command);
        }
        g_risk.ServerKills(is_killed);
        return true;
    }

    // Lets the server say when to poll next. An answer in vain, or none, costs nothing but time.
    void Wait()
    {
        if(!g_set.waits || !m_may_wait || m_polled_at == "" || GetTickCount64() < m_wait_again)
            return;
        JsonText json;
        json.Open("", "{");
        json.Text("since", m_polled_at);
        json.Whole("seconds", WAIT_SECONDS);
        json.Close("}");
        if(g_http.Ask("wait", json.Written()))
            m_poll_at = 0;
        else
            m_wait_again = GetTickCount64() + WAIT_PAUSE_MS;
    }

    // The permit counts from the sending of the poll, whatever the answer took.
    bool PermitRead()
    {
        ArrayResize(m_permits, 0);
        m_permit_until = 0;
        const int permit = g_http.answer.Part(0, "permit", JSON_OBJECT);
        const bool is_allowed = g_http.answer.Flag(permit, "entries_allowed");
        const long seconds = g_http.answer.Whole(permit, "seconds");
        const int list = g_http.answer.Part(permit, "orders", JSON_ARRAY);
        for(int node = g_http.answer.First(list); node >= 0; node = g_http.answer.Next(node))
        {
            const int count = ArraySize(m_permits);
            ArrayResize(m_permits, count + 1, 16);
            m_permits[count].order_id = g_http.answer.Ticket(node, "order_id");
            m_permits[count].fence = g_http.answer.Whole(node, "fence");
        }
        if(g_http.answer.Fault() != "")
            return false;
        g_risk.ServerAllows(is_allowed);
        if(is_allowed)
            m_permit_until = g_http.sent_at + (ulong)MathMin(seconds * 1000, (long)PERMIT_MS_MAX);
        return true;
    }

    bool IsPermitted(const Kept &one) const
    {
        for(int i = 0; i < ArraySize(m_permits); i++)
            if(m_permits[i].order_id == one.terms.id && m_permits[i].fence == one.terms.fence)
                return true;
        return false;
    }

    bool Heartbeat()
    {
        g_deals.Collect();
        if(!Call("heartbeat", g_telemetry.Heartbeat(m_instance, m_boot_nonce, m_ping_ms)))
            return false;
        m_heartbeat_at = GetTickCount64();
        return true;
    }

    bool IsLate(const ulong began) const
    {
        return HasPassed(began, (ulong)g_set.timeout_ms);
    }

public:
    Desk() : m_instance(""), m_boot_nonce(""), m_is_greeted(false), m_knows_map(false), m_hello_at(0),
             m_heartbeat_at(0), m_poll_at(0), m_poll_ms(1000), m_permit_until(0), m_ping_ms(0), m_may_wait(false), m_wait_again(0), m_polled_at("") {}

    void Restart(const string instance, const string boot_nonce)
    {
        m_instance = instance;
        m_boot_nonce = boot_nonce;
        m_is_greeted = false;
        m_knows_map = false;
        m_hello_at = 0;
        m_heartbeat_at = 0;
        m_poll_at = 0;
        m_poll_ms = 1000;
        m_permit_until = 0;
        m_ping_ms = 0;
        m_may_wait = false;
        m_wait_again = 0;
        m_polled_at = "";
        ArrayResize(m_permits, 0);
    }

    // Entries that wait and may go now.
    void SendEntries()
    {
        for(int i = 0; i < ArraySize(g_journal.kept) && GetTickCount64() < m_permit_until; i++)
            if(g_journal.kept[i].stage == STAGE_RECEIVED && IsEntry(g_journal.kept[i]) && IsPermitted(g_journal.kept[i]))
                g_entries.Try(i, m_permit_until);
    }

    // One round, within its time: what is told already needs no command, so reports go first.
    void Talk()
    {
        const ulong began = GetTickCount64();
        if(g_http.IsQuiet())
            return;
        if(m_is_greeted && HasPassed(m_hello_at, HELLO_AGAIN_MS))
            m_is_greeted = false;
        if(!m_is_greeted && !Hello())
            return;
        // The first hello named the map; the second describes what the map names.
        if(!m_knows_map)
        {
            m_knows_map = true;
            if(!Hello())
                return;
        }
        if(!Flush() || IsLate(began))
            return;
        if(m_poll_at > 0 && !HasPassed(m_poll_at, (ulong)m_poll_ms))
            Wait();
        const bool polls = m_poll_at == 0 || HasPassed(m_poll_at, (ulong)m_poll_ms);
        if(polls)
        {
            if(!Poll())
                return;
            g_work.Beat();
            SendEntries();
            if(!Flush())
                return;
        }
        if(!IsLate(began) && (m_heartbeat_at == 0 || HasPassed(m_heartbeat_at, (ulong)g_set.heartbeat_seconds * 1000)))
            if(!Heartbeat())
                return;
        if(!IsLate(began))
            g_bars.Beat(m_instance, m_boot_nonce);
        // A round that asked for nothing says nothing of a trouble.
        if(!polls)
            return;
        g_http.Succeeded();
        g_notes.Over("server");
    }
};

Desk g_desk;

#endif
