#ifndef FUSION_CLOCK_MQH
#define FUSION_CLOCK_MQH
// UTC as the server tells it, carried on by the monotonic clock; the broker's offset from it.

#include "Settings.mqh"

#define OFFSET_STEP_SECONDS 900

bool HasPassed(const ulong since, const ulong milliseconds)
{
    const ulong now = GetTickCount64();
    return now >= since && now - since >= milliseconds;
}

class UtcClock
{
private:
    bool  m_is_known;
    long  m_at_zero;  // UTC in milliseconds when the monotonic clock was at 0
    ulong m_heard_at;

public:
    UtcClock() : m_is_known(false), m_at_zero(0), m_heard_at(0) {}

    void Restart()
    {
        m_is_known = false;
        m_heard_at = GetTickCount64();
    }

    // The server's time stood in an answer to what was sent and got at these ticks.
    void Heard(const long server_ms, const ulong sent, const ulong got)
    {
        m_at_zero = server_ms - (long)(sent + (got - sent) / 2);
        m_is_known = true;
        m_heard_at = got;
    }

    bool IsKnown() const
    {
        return m_is_known;
    }

    // Milliseconds since 1970; the machine's own clock counts only until the server was heard.
    long Now() const
    {
        return m_is_known ? m_at_zero + (long)GetTickCount64() : (long)TimeGMT() * 1000;
    }

    // How far the machine's clock is ahead of the server's.
    long SkewSeconds() const
    {
        return m_is_known ? (long)TimeGMT() - Now() / 1000 : 0;
    }

    bool IsSilent() const
    {
        return HasPassed(m_heard_at, (ulong)g_set.silence_seconds * 1000);
    }
};

UtcClock g_clock;

// The broker's time now; 0 before a login. The terminal counts it from this machine's clock, so
// what that is off is taken out: a clock that was set back moves no day, no session and no deal.
long BrokerNow()
{
    const long trade_server = (long)TimeTradeServer();
    return trade_server <= 0 ? 0 : trade_server - g_clock.SkewSeconds();
}

// Seconds that the broker's clock is east of UTC; brokers keep to quarters of an hour.
int BrokerOffset()
{
    const long broker_now = BrokerNow();
    if(broker_now == 0)
        return 0;
    const double steps = (double)(broker_now - g_clock.Now() / 1000) / OFFSET_STEP_SECONDS;
    return (int)MathRound(steps) * OFFSET_STEP_SECONDS;
}

// UTC in milliseconds -> broker time in seconds, as expirations are told.
datetime BrokerMoment(const long utc_ms)
{
    return (datetime)(utc_ms / 1000 + BrokerOffset());
}

#endif
