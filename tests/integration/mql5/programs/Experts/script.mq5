// A script: the terminal calls it once.
#property script_show_inputs
input string InpWord = "once"; // what it says
void OnStart()
  {
   Print(InpWord);
  }
