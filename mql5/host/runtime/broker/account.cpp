// What the terminal says about itself and the account; its clocks; worth and margin of a trade.
#include "broker/link.hpp"
#include "terminal.hpp"

namespace mql {
using namespace broker;

double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE property) {
    const Book& book = seen("AccountInfoDouble");
    switch (property) {
        case ACCOUNT_BALANCE: return real(book.account.balance);
        case ACCOUNT_CREDIT: return real(book.account.credit);
        case ACCOUNT_PROFIT: return real(floating(book));
        case ACCOUNT_EQUITY: return real(equity(book));
        case ACCOUNT_MARGIN: return real(margin(book));
        case ACCOUNT_MARGIN_FREE: return real(free_margin(book));
        case ACCOUNT_MARGIN_LEVEL: return real(margin_level(book));
        case ACCOUNT_MARGIN_SO_CALL: return real(book.account.call_level);
        case ACCOUNT_MARGIN_SO_SO: return real(book.account.stop_out_level);
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
long AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER property) {
    const Account& account = seen("AccountInfoInteger").account;
    switch (property) {
        case ACCOUNT_LOGIN: return account.login;
        case ACCOUNT_TRADE_MODE: return account.mode;
        case ACCOUNT_LEVERAGE: return account.leverage;
        case ACCOUNT_LIMIT_ORDERS: return account.limit_orders;
        case ACCOUNT_TRADE_ALLOWED: return account.trade_allowed && logged_in();
        case ACCOUNT_TRADE_EXPERT: return account.expert_allowed && logged_in();
        case ACCOUNT_MARGIN_MODE: return account.margin_mode;
        case ACCOUNT_CURRENCY_DIGITS: return account.currency_digits;
        case ACCOUNT_FIFO_CLOSE: return account.fifo;
        case ACCOUNT_HEDGE_ALLOWED: return account.hedge_allowed;
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
String AccountInfoString(ENUM_ACCOUNT_INFO_STRING property) {
    const Account& account = seen("AccountInfoString").account;
    switch (property) {
        case ACCOUNT_NAME: return from_utf8(account.name);
        case ACCOUNT_SERVER: return from_utf8(account.server);
        case ACCOUNT_CURRENCY: return from_utf8(account.currency);
        case ACCOUNT_COMPANY: return from_utf8(account.company);
    }
    set_error(ERR_INVALID_PARAMETER);
    return String();
}

int TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER property) {
    const Account& account = seen("TerminalInfoInteger").account;
    switch (property) {
        case TERMINAL_BUILD: return 5000;
        case TERMINAL_CONNECTED: return account.connected;
        case TERMINAL_TRADE_ALLOWED: return account.autotrading;
        case TERMINAL_PING_LAST: return (int)account.ping_us;
        case TERMINAL_DISK_SPACE: return 10000;
    }
    set_error(ERR_INVALID_PARAMETER);
    return 0;
}
String TerminalInfoString(ENUM_TERMINAL_INFO_STRING property) {
    seen("TerminalInfoString");
    switch (property) {
        case TERMINAL_NAME: return S(u"EA host");
        case TERMINAL_COMPANY: return S(u"Simulator");
        case TERMINAL_PATH:
        case TERMINAL_DATA_PATH: return from_utf8(options().home);
        case TERMINAL_COMMONDATA_PATH: return from_utf8(options().home + "/Common");
    }
    set_error(ERR_INVALID_PARAMETER);
    return String();
}
int MQLInfoInteger(ENUM_MQL_INFO_INTEGER property) {
    const Account& account = seen("MQLInfoInteger").account;
    return property == MQL_TRADE_ALLOWED ? account.program_trading : 0;
}

// The last tick's time of any symbol that is watched: it stands still while no market is open.
datetime TimeCurrent() {
    const Book& book = seen("TimeCurrent");
    long last = 0;
    for (const Symbol& one : book.symbols)
        if (watched().count(one.name)) last = std::max(last, quote_now(book, one).at_ms);
    return last == 0 ? 0 : server_msc(book, last) / 1000;
}
datetime TimeTradeServer() { return server_msc(seen("TimeTradeServer"), now_ms() + skew_ms()) / 1000; }
long skew_ms() { return attached() ? seen("the clock").account.skew_ms : 0; }

bool OrderCalcMargin(ENUM_ORDER_TYPE, String name, double volume, double price, double& margin) {
    const Book& book = seen("OrderCalcMargin");
    const Symbol* symbol = symbol_of(book, utf8(name));
    margin = symbol ? real(margin_of(book, *symbol, nearest(volume), nearest(price))) : 0;
    if (!symbol) set_error(ERR_MARKET_UNKNOWN_SYMBOL);
    return symbol;
}
bool OrderCalcProfit(ENUM_ORDER_TYPE action, String name, double volume, double open, double close, double& profit) {
    const Book& book = seen("OrderCalcProfit");
    const Symbol* symbol = symbol_of(book, utf8(name));
    bool market = action == ORDER_TYPE_BUY || action == ORDER_TYPE_SELL;
    profit = symbol && market ? real(profit_of(book, *symbol, is_buy(action), nearest(volume), nearest(open), nearest(close))) : 0;
    if (!symbol) set_error(ERR_MARKET_UNKNOWN_SYMBOL);
    else if (!market) set_error(ERR_INVALID_PARAMETER);
    return symbol && market;
}

}  // namespace mql
