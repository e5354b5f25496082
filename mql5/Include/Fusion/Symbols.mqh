#ifndef FUSION_SYMBOLS_MQH
#define FUSION_SYMBOLS_MQH
// A symbol as the broker sells it now: sheet, tick, session; prices on its ticks, volumes in steps.

#include "Clock.mqh"
#include "Terms.mqh"

struct Sheet
{
    string name;
    int    digits;
    double point;
    double tick_size;
    double tick_value;
    double contract_size;
    double lot_min;
    double lot_step;
    double lot_max;
    double lot_limit;      // of all that is open in one direction; 0: none
    int    stops_level;    // points
    int    freeze_level;
    long   execution;
    long   fillings;       // bits
    long   expirations;
    long   orders;
    long   trade_mode;
};

// Fills the sheet; false, with the reason, where the terminal does not know what is needed.
bool SheetRead(const string name, Sheet &sheet, string &why)
{
    sheet.name = name;
    why = "";
    if(!SymbolSelect(name, true))
    {
        why = "symbol_unknown";
        return false;
    }
    sheet.digits = (int)SymbolInfoInteger(name, SYMBOL_DIGITS);
    sheet.point = SymbolInfoDouble(name, SYMBOL_POINT);
    sheet.tick_size = SymbolInfoDouble(name, SYMBOL_TRADE_TICK_SIZE);
    sheet.tick_value = SymbolInfoDouble(name, SYMBOL_TRADE_TICK_VALUE);
    sheet.contract_size = SymbolInfoDouble(name, SYMBOL_TRADE_CONTRACT_SIZE);
    sheet.lot_min = SymbolInfoDouble(name, SYMBOL_VOLUME_MIN);
    sheet.lot_step = SymbolInfoDouble(name, SYMBOL_VOLUME_STEP);
    sheet.lot_max = SymbolInfoDouble(name, SYMBOL_VOLUME_MAX);
    sheet.lot_limit = SymbolInfoDouble(name, SYMBOL_VOLUME_LIMIT);
    sheet.stops_level = (int)SymbolInfoInteger(name, SYMBOL_TRADE_STOPS_LEVEL);
    sheet.freeze_level = (int)SymbolInfoInteger(name, SYMBOL_TRADE_FREEZE_LEVEL);
    sheet.execution = SymbolInfoInteger(name, SYMBOL_TRADE_EXEMODE);
    sheet.fillings = SymbolInfoInteger(name, SYMBOL_FILLING_MODE);
    sheet.expirations = SymbolInfoInteger(name, SYMBOL_EXPIRATION_MODE);
    sheet.orders = SymbolInfoInteger(name, SYMBOL_ORDER_MODE);
    sheet.trade_mode = SymbolInfoInteger(name, SYMBOL_TRADE_MODE);
    const bool is_whole = sheet.point > 0 && sheet.tick_size > 0 && sheet.tick_value > 0
                          && sheet.contract_size > 0 && sheet.lot_min > 0 && sheet.lot_step > 0
                          && sheet.lot_max > 0;
    if(!is_whole)
        why = "sheet_incomplete";
    return is_whole;
}

// The nearest price on the grid of ticks; of two as near the even one, as the server counts.
double PriceSnap(const double price, const Sheet &sheet)
{
    if(sheet.tick_size <= 0)
        return NormalizeDouble(price, sheet.digits);
    const double ticks = price / sheet.tick_size;
    double whole = MathFloor(ticks);
    const double part = ticks - whole;
    const bool is_half = MathAbs(part - 0.5) < 1e-6;
    if(is_half ? MathMod(whole, 2.0) != 0 : part > 0.5)
        whole += 1;
    return NormalizeDouble(whole * sheet.tick_size, sheet.digits);
}

int StepDigits(const double step)
{
    int digits = 0;
    while(digits < 8 && MathAbs(NormalizeDouble(step, digits) - step) > 1e-9)
        digits++;
    return digits;
}

// Lots in whole steps, never more than asked for.
double LotsFloor(const double lots, const Sheet &sheet)
{
    if(sheet.lot_step <= 0)
        return 0;
    const double steps = MathFloor(lots / sheet.lot_step + 1e-7);
    return NormalizeDouble(steps * sheet.lot_step, StepDigits(sheet.lot_step));
}

double PipOf(const Sheet &sheet)
{
    return sheet.digits == 3 || sheet.digits == 5 ? sheet.point * 10 : sheet.point;
}

// The price that is so far from `base`; 0 where there is no distance, or none above 0 is left.
double DistancePrice(const Distance &distance, const double base, const bool is_below,
                     const Sheet &sheet)
{
    double away = 0;
    if(distance.unit == "points")
        away = distance.value * sheet.point;
    if(distance.unit == "pips")
        away = distance.value * PipOf(sheet);
    if(distance.unit == "percent")
        away = base * distance.value / 100.0;
    if(away <= 0)
        return 0;
    return MathMax(0.0, PriceSnap(is_below ? base - away : base + away, sheet));
}

double StopOf(const Terms &terms, const double base, const Sheet &sheet)
{
    if(terms.sl_distance.unit != "")
        return DistancePrice(terms.sl_distance, base, terms.is_buy, sheet);
    return terms.sl > 0 ? PriceSnap(terms.sl, sheet) : 0;
}

double TargetOf(const Terms &terms, const double base, const Sheet &sheet)
{
    if(terms.tp_distance.unit != "")
        return DistancePrice(terms.tp_distance, base, !terms.is_buy, sheet);
    return terms.tp > 0 ? PriceSnap(terms.tp, sheet) : 0;
}

// Whether a stop would stand further away than one that stands, or be gone.
bool StopWidens(const double sl_now, const double sl, const bool is_buy, const Sheet &sheet)
{
    if(sl_now <= 0)
        return false;
    return sl <= 0 || (is_buy ? sl < sl_now - sheet.point / 2 : sl > sl_now + sheet.point / 2);
}

// A tick that can be traded on; false, with the reason, where there is none or it is old.
bool TickFresh(const string name, MqlTick &tick, string &why)
{
    ZeroMemory(tick);
    why = "";
    if(!SymbolInfoTick(name, tick) || tick.bid <= 0 || tick.ask <= 0)
        why = "no_quote";
    else if(BrokerNow() - (long)tick.time > g_set.tick_age_seconds_max)
        why = "quote_stale";
    return why == "";
}

int SecondsOfDay(const datetime moment)
{
    return (int)((long)moment % 86400);
}

int DayOfWeek(const datetime moment)
{
    MqlDateTime parts;
    ZeroMemory(parts);
    return TimeToStruct(moment, parts) ? parts.day_of_week : 0;
}

// The last second of this day on which the symbol is traded; 0 where it is not.
int SessionEnd(const string name, const int day_of_week)
{
    int end = 0;
    for(uint i = 0; i < 24; i++)
    {
        datetime from = 0;
        datetime to = 0;
        if(!SymbolInfoSessionTrade(name, (ENUM_DAY_OF_WEEK)day_of_week, i, from, to))
            break;
        end = MathMax(end, (int)MathMin((long)to, (long)86400));
    }
    return end;
}

// Whether the symbol is traded now, in broker time. A symbol without any session always is.
bool SessionIsOpen(const string name)
{
    const datetime now = (datetime)BrokerNow();
    const int day = DayOfWeek(now);
    const int second = SecondsOfDay(now);
    for(uint i = 0; i < 24; i++)
    {
        datetime from = 0;
        datetime to = 0;
        if(!SymbolInfoSessionTrade(name, (ENUM_DAY_OF_WEEK)day, i, from, to))
            break;
        if(second >= (int)(long)from && second < (int)(long)to)
            return true;
    }
    for(int other = 0; other < 7; other++)
        if(SessionEnd(name, other) > 0)
            return false;
    return true;
}

// Minutes until the symbol's week ends; a large number while it does not.
int MinutesToWeekend(const string name)
{
    const datetime now = (datetime)BrokerNow();
    const int day = DayOfWeek(now);
    if(day != 5 || SessionEnd(name, 6) > 0)
        return INT_MAX;
    const int end = SessionEnd(name, 5);
    return end <= 0 ? INT_MAX : (end - SecondsOfDay(now)) / 60;
}

// Whether this side may be opened by the broker's leave.
bool SideIsAllowed(const Sheet &sheet, const bool is_buy)
{
    if(sheet.trade_mode == SYMBOL_TRADE_MODE_FULL)
        return true;
    return sheet.trade_mode == (is_buy ? SYMBOL_TRADE_MODE_LONGONLY : SYMBOL_TRADE_MODE_SHORTONLY);
}

#endif
